// Bundles all extension tests into one module, which VS Code runs in its extension host.
import { build } from 'esbuild';
import { readdir } from 'node:fs/promises';

const suffix = '.test.ts';
const tests = (await readdir('test/extension')).filter((file) => file.endsWith(suffix)).sort();

await build({
  bundle: true,
  entryPoints: { extension: 'test/extension/index.ts' },
  outdir: 'dist/test',
  outExtension: { '.js': '.cjs' },
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  // Mocha loads parts of itself by name, so it stays a package; the tests only run where it is installed.
  external: ['vscode', 'mocha'],
  sourcemap: 'linked',
  logLevel: 'warning',
  define: { EXTENSION_TESTS: JSON.stringify(tests.map((file) => file.slice(0, -suffix.length))) },
});
