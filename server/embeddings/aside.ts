import { open, rename, rm, writeFile } from 'node:fs/promises';
import { isFullDisk } from '../dataset/database.js';
import { ClipcovError } from '../errors.js';
import { asideOf } from './unfinished.js';

/** Writes a file aside and renames it: whoever looks sees the old content or the new one, never a part of it. */
export async function writeAside(file: string, content: string | Uint8Array): Promise<void> {
  await produceAside(file, (aside) => writeFile(aside, content));
}

/** The same for content that `produce` writes itself. */
export async function produceAside(file: string, produce: (aside: string) => Promise<void>): Promise<void> {
  let aside: string | null = null;
  try {
    aside = await asideOf(file);
    await produce(aside);
    await flush(aside);
    await rename(aside, file);
  } catch (cause) {
    if (aside) await rm(aside, { force: true }).catch(() => undefined);
    throw writeError(file, cause);
  }
}

/** To the disk before it takes its name: after a power cut a file is the old one or the new one too. */
async function flush(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** DuckDB says in words what the system said to it. */
function codeOf(cause: unknown): string | undefined {
  const { code, message = '' } = cause as Partial<NodeJS.ErrnoException>;
  if (code !== undefined) return code;
  if (isFullDisk(cause)) return 'ENOSPC';
  if (/read-only file system/i.test(message)) return 'EROFS';
  return /permission denied/i.test(message) ? 'EACCES' : undefined;
}

/** A system error of writing as one that says what to do. */
export function writeError(where: string, cause: unknown): unknown {
  const code = codeOf(cause);
  const reasons: Record<string, string> = {
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EROFS: 'the file system is read-only',
    ENOSPC: 'the disk is full',
    ENOTDIR: 'a part of the path is a file',
    EISDIR: 'a folder of that name is there',
  };
  if (code === undefined || !(code in reasons)) return cause;
  return new ClipcovError('cannot-write', `Cannot write: ${reasons[code]}.`, {
    where,
    fix:
      code === 'ENOSPC'
        ? 'Make room, then run again.'
        : 'Change the permissions, or write to another place (on the command line: --store, --out).',
    cause,
  });
}
