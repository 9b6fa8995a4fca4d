import js from '@eslint/js';
import ts from 'typescript-eslint';

export default ts.config(
  {
    ignores: [
      'dist/',
      'node_modules/',
      'models/',
      'server/kernels/simd/',
      'test/demo/data/',
      'test/artifacts/',
      '.vscode-test/',
    ],
  },
  js.configs.recommended,
  ...ts.configs.recommended,
  {
    rules: {
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  // The core is pure: the mathematics sees no file, socket, process or editor.
  {
    files: ['server/selection/**', 'server/evaluation/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: ['node:*', 'ws', 'vscode', 'vscode-jsonrpc*', '**/jobs/**', '**/host/**'] },
      ],
    },
  },
  { files: ['test/**', '.ci/**', 'server/cli/**'], rules: { 'no-console': 'off' } },
  {
    files: ['.ci/**', '*.js', 'test/bench/peer/**'],
    languageOptions: {
      globals: {
        ...{ process: 'readonly', console: 'readonly', URL: 'readonly', performance: 'readonly' },
        Buffer: 'readonly',
      },
    },
  },
  // Types of plain scripts stand in their comments.
  { files: ['.ci/**/*.mjs'], rules: { '@typescript-eslint/explicit-module-boundary-types': 'off' } },
);
