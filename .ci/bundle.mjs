// Bundles the product into dist/. Native packages stay outside: they are the only runtime dependencies.
import { build } from 'esbuild';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import asc from 'assemblyscript/asc';

const { dependencies, version } = JSON.parse(await readFile('package.json', 'utf8'));
const production = process.argv.includes('--production');
const shared = {
  bundle: true,
  outdir: 'dist',
  sourcemap: production ? false : 'linked',
  minify: production,
  logLevel: 'warning',
  metafile: true,
  legalComments: 'linked',
  define: { CLIPCOV_VERSION: JSON.stringify(version) },
};
// Bundled CommonJS packages still ask for Node's built-ins with require().
const requireInModules = `import { createRequire as clipcovRequire } from 'node:module'; const require = clipcovRequire(import.meta.url);`;

/**
 * Native packages are required: imported, each of their files would be read for what it may export, which is a quarter of the
 * time that a command takes to start.
 */
const required = {
  name: 'required',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(sharp|onnxruntime-node|@duckdb\/node-api)$/ }, ({ path, kind }) =>
      kind === 'require-call' ? { path, external: true } : { path, namespace: 'required' },
    );
    onLoad({ filter: /./, namespace: 'required' }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
    }));
  },
};

/** An icon becomes a template of the page, made once. */
const icons = {
  name: 'icons',
  setup({ onLoad }) {
    onLoad({ filter: /codicons.*\.svg$/ }, async ({ path }) => {
      const [, paths] = /^<svg[^>]*>(.*)<\/svg>\s*$/s.exec(await readFile(path, 'utf8')) ?? [];
      if (!paths) throw new Error(`${path} is no drawing`);
      return {
        contents: `import { svg } from 'lit'; export default svg\`${paths}\`;`,
        resolveDir: import.meta.dirname,
      };
    });
  },
};

await rm('dist', { recursive: true, force: true });
await mkdir('dist');
const kernels = await asc.main([
  'server/kernels/simd/kernels.ts',
  ...['--outFile', 'dist/kernels.wasm', '--enable', 'simd', '--optimizeLevel', '3'],
  ...['--runtime', 'stub', '--importMemory', '--noAssert'],
]);
if (kernels.error) throw new Error(`${kernels.error.message}\n${kernels.stderr}`);
const bundles = await Promise.all([
  build({
    ...shared,
    entryPoints: {
      cli: 'server/cli/main.ts',
      worker: 'server/host/worker.ts',
      probe: 'server/engine/probe.ts',
      rowWorker: 'server/parallel/rowWorker.ts',
      towerWorker: 'server/parallel/towerWorker.ts',
    },
    platform: 'node',
    target: 'node20',
    format: 'esm',
    // What a command does not need is not read: the programs share chunks, and dynamic imports stay dynamic.
    splitting: true,
    external: Object.keys(dependencies),
    minifyWhitespace: true,
    plugins: [required],
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
    // The page waits for its script: a third of the size is read in a third of the time.
    minify: true,
    platform: 'browser',
    target: 'chrome128',
    format: 'iife',
    tsconfig: 'webview/tsconfig.json',
    plugins: [icons],
  }),
]);
await chmod('dist/cli.js', 0o755);

// Whose code went into the bundles: their licences and versions go out with it. The kernels hold AssemblyScript's library.
const packages = new Set(['node_modules/assemblyscript']);
for (const { metafile } of bundles)
  for (const { inputs } of Object.values(metafile.outputs))
    for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
      const folder = /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(file)?.[0];
      if (folder && bytesInOutput > 0) packages.add(folder);
    }
await writeFile('dist/bundled.json', `${JSON.stringify([...packages].sort(), null, 2)}\n`);
