import { readlinkSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { makeFolder } from '../dataset/home.js';

/** Whose process numbers these are: a container with the name of its host counts its own. */
const NUMBERED_BY = `${hostname()}${processNamespace()}`;
const UNFINISHED = /\.([^/\\]+)-(\d+)\.partial$/;
const DAY = 24 * 3600 * 1000;
/** A folder of many files is not read again for each of them. */
const SWEPT_FOR = 60_000;
const swept = new Map<string, number>();

/**
 * Where a file is written before it takes its name. The folder is made, and what killed programs left unfinished in it is
 * removed. Two programs that write the same file, on two machines too, do not meet there.
 */
export async function asideOf(file: string): Promise<string> {
  const folder = dirname(resolve(file));
  await makeFolder(folder);
  if (performance.now() - (swept.get(folder) ?? -Infinity) > SWEPT_FOR) {
    swept.set(folder, performance.now());
    await sweep(folder);
  }
  return join(dirname(file), `${basename(file)}.${NUMBERED_BY}-${process.pid}.partial`);
}

async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => []))
    if (await isLeft(join(folder, name)))
      await rm(join(folder, name), { recursive: true, force: true }).catch(() => undefined);
}

/**
 * What a program on this machine is at stays, whatever the clock says. Of another machine nobody here can say whether it still
 * writes; but no file takes a day without growing.
 */
async function isLeft(path: string): Promise<boolean> {
  const [, by, pid] = UNFINISHED.exec(path) ?? [];
  if (by === undefined) return false;
  if (by.endsWith(NUMBERED_BY)) return !isRunning(Number(pid));
  const found = await stat(path).catch(() => null);
  return found !== null && Date.now() - found.mtimeMs > DAY;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** On Linux the number of the namespace of processes, empty elsewhere. */
function processNamespace(): string {
  try {
    return `-${/\d+/.exec(readlinkSync('/proc/self/ns/pid'))![0]}`;
  } catch {
    return '';
  }
}
