import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { packExtension } from '../../.ci/package/vsix.js';
import { serverMain, testTools } from './paths.js';
import { cleanEnvironment } from './vscodeServer.js';

/**
 * A folder of extensions in which ours is installed, packed as it is released and by VS Code's own command. Servers share it, as
 * those of a user do.
 */
export async function installedExtension(): Promise<string> {
  const vsix = await packExtension({ into: testTools });
  const extensions = path.join(testTools, 'extensions');
  const mark = path.join(extensions, 'installed');
  const packed = String((await stat(vsix)).mtimeMs);
  if ((await readFile(mark, 'utf8').catch(() => '')) === packed) return extensions;
  await rm(extensions, { recursive: true, force: true });
  const data = await mkdtemp(path.join(tmpdir(), 'clipcov-install-'));
  const folders = ['--extensions-dir', extensions, '--user-data-dir', data, '--server-data-dir', data];
  try {
    await promisify(execFile)(
      process.execPath,
      [serverMain, '--accept-server-license-terms', ...folders, '--install-extension', vsix],
      { env: cleanEnvironment() },
    );
  } finally {
    await rm(data, { recursive: true, force: true });
  }
  await writeFile(mark, packed);
  return extensions;
}
