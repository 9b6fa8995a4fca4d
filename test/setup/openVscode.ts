// Opens the extension, as last built, on the demonstration data: in the desktop VS Code where there is one, else in
// the VS Code server, for a browser.
import { randomBytes } from 'node:crypto';
import { spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { findOnPath } from './chromium.js';
import { root, testTools } from './paths.js';
import { startVscodeServer } from './vscodeServer.js';

const folder = path.resolve(process.argv[2] ?? path.join(root, 'test/demo/data/icons'));

/** Extensions run from source in a window of their own. */
function openDesktop(code: string): Promise<number> {
  const shell = process.platform === 'win32';
  const args = ['--new-window', `--extensionDevelopmentPath=${root}`, folder];
  const child = spawn(shell ? `"${code}"` : code, shell ? args.map((arg) => `"${arg}"`) : args, {
    stdio: 'inherit',
    shell,
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (status) => resolve(status ?? 1));
  });
}

async function openServer(): Promise<void> {
  const server = await startVscodeServer({
    // Kept, so that a layout or a setting is still there the next time.
    dataFolder: path.join(testTools, 'open'),
    trust: 'ask',
    // Whoever can reach the server can run programs as this user.
    token: randomBytes(24).toString('hex'),
  });
  console.log(`VS Code with ClipCov: ${server.folderUrl(folder, { extensionDevelopmentPaths: [root] })}`);
  console.log('Press Ctrl+C to end it.');
  await server.ended;
}

if ((await stat(folder).catch(() => undefined)) === undefined) {
  console.error(`${folder} is not there: run \`npm run demo\` to make it, or give another folder.`);
  process.exitCode = 1;
} else {
  const code = findOnPath('code', 'code.cmd', 'code-insiders', 'codium');
  if (code !== undefined) process.exitCode = await openDesktop(code);
  else await openServer();
}
