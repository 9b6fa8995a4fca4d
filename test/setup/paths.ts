import { fileURLToPath } from 'node:url';
import path from 'node:path';

/** The repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');

/** Everything the tests install or build for themselves; not part of the repository. */
export const testTools = path.join(root, '.vscode-test');

/** Screenshots and logs of test runs; not part of the repository. */
export const artifacts = path.join(root, 'test/artifacts');

/** The real VS Code server, as installed by install.ts. */
export const serverMain = path.join(
  testTools,
  'code-server/node_modules/code-server/lib/vscode/out/server-main.js',
);
