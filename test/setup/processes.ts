import { readdirSync, readFileSync } from 'node:fs';
import { DATA_MARK, type VscodeServer } from './vscodeServer.js';

interface Process {
  pid: number;
  parent: number;
  command: string;
}

/** Compute servers that a VS Code server's windows started, also those that have lost their parent. */
export function computeServers({ data }: Pick<VscodeServer, 'data'>): number[] {
  return running()
    .filter(({ pid, command }) => /cli\.js serve/.test(command) && isMarked(pid, data))
    .map(({ pid }) => pid);
}

/** Whether a process has inherited the environment of the VS Code server with this data. */
function isMarked(pid: number, data: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`${DATA_MARK}=${data}`);
  } catch {
    return false; // It has ended in the meantime.
  }
}

/** The process that serves windows, of those with this data. */
export function windowServers({ data }: Pick<VscodeServer, 'data'>): number[] {
  return running()
    .filter(({ command }) => command.includes(data) && command.includes('server-main.js'))
    .map(({ pid }) => pid);
}

/** One for each window, in the order in which they began. */
export function extensionHosts(server: Pick<VscodeServer, 'data'>): number[] {
  const servers = windowServers(server);
  return running()
    .filter(({ parent, command }) => servers.includes(parent) && command.includes('--type=extensionHost'))
    .map(({ pid }) => pid);
}

/** Every process of this machine that has not ended; nothing where the system does not list them as files. */
function running(): Process[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
        // The name of a program may hold any sign: what follows begins behind its last bracket.
        const [, parent] = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
        return command === '' ? [] : [{ pid: Number(name), parent: Number(parent), command }];
      } catch {
        return []; // It has ended in the meantime.
      }
    })
    .sort((a, b) => a.pid - b.pid);
}
