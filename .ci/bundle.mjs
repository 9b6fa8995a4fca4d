// Bundles the product into dist/. Native packages stay outside: they are the only runtime dependencies.
import { build } from 'esbuild';
import { readFile, rm, chmod } from 'node:fs/promises';

const { dependencies, version } = JSON.parse(await readFile('package.json', 'utf8'));
const production = process.argv.includes('--production');
const shared = {
  bundle: true,
  outdir: 'dist',
  sourcemap: production ? false : 'linked',
  minify: production,
  logLevel: 'warning',
  legalComments: 'linked',
  define: { CLIPCOV_VERSION: JSON.stringify(version) },
};
// Bundled CommonJS packages still ask for Node's built-ins with require().
const requireInModules = `import { createRequire as clipcovRequire } from 'node:module'; const require = clipcovRequire(import.meta.url);`;

await rm('dist', { recursive: true, force: true });
await Promise.all([
  build({
    ...shared,
    entryPoints: {
      cli: 'server/cli/main.ts',
      worker: 'server/jobs/worker.ts',
      probe: 'server/engine/probe.ts',
    },
    platform: 'node',
    target: 'node20',
    format: 'esm',
    external: Object.keys(dependencies),
    banner: { js: requireInModules },
  }),
  build({
    ...shared,
    entryPoints: { extension: 'extension/activate.ts' },
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    external: ['vscode'],
  }),
  build({
    ...shared,
    entryPoints: { webview: 'webview/main.ts' },
    platform: 'browser',
    target: 'chrome128',
    format: 'iife',
    tsconfig: 'webview/tsconfig.json',
    loader: { '.ttf': 'dataurl' },
  }),
]);
await chmod('dist/cli.js', 0o755);
