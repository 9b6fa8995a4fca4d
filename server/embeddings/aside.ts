import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { ClipcovError } from '../errors.js';

/** Where a file is written before it takes its name; two programs that write the same file, on two machines too, do not meet there. */
function asidePath(file: string): string {
  return `${file}.${hostname()}-${process.pid}.partial`;
}

/** Writes a file aside and renames it: whoever looks sees the old content or the new one, never a part of it. */
export async function writeAside(file: string, content: string | Uint8Array): Promise<void> {
  await produceAside(file, (aside) => writeFile(aside, content));
}

/** The same for content that `produce` writes itself. */
export async function produceAside(file: string, produce: (aside: string) => Promise<void>): Promise<void> {
  const aside = asidePath(file);
  try {
    await mkdir(dirname(file), { recursive: true });
    await produce(aside);
    await flush(aside);
    await rename(aside, file);
  } catch (cause) {
    await rm(aside, { force: true }).catch(() => undefined);
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

/** A system error of writing as one that says what to do. */
export function writeError(where: string, cause: unknown): unknown {
  const code = (cause as NodeJS.ErrnoException).code;
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
