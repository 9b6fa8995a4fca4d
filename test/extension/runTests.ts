// Runs the extension tests in a real VS Code: the desktop one named by VSCODE_EXECUTABLE, else the server.
import { existsSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import path from 'node:path';
import { runTests } from '@vscode/test-electron';
import { root } from '../setup/paths.js';
import { temporaryFolder } from '../setup/processGroup.js';

const fixtures = path.join(root, 'test/extension/workspace');
// The tests may write into their workspace.
const { folder: workspace, remove } = await temporaryFolder('clipcov-workspace-');
if (existsSync(fixtures)) await cp(fixtures, workspace, { recursive: true });
try {
  await runTests({
    vscodeExecutablePath:
      process.env['VSCODE_EXECUTABLE'] ?? path.join(root, 'test/setup/vscodeExecutable.mjs'),
    extensionDevelopmentPath: root,
    extensionTestsPath: path.join(root, 'dist/test/extension.cjs'),
    launchArgs: [workspace, '--disable-extensions'],
  });
} catch (error) {
  // The tests have reported their failures themselves.
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await remove();
}
