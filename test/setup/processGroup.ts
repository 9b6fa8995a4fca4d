import { spawn, spawnSync, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A started program with everything it starts in turn. */
export interface ProcessGroup {
  readonly child: ChildProcess;
  /** Ends the program and all its descendants; resolves when none of them is left. */
  stop(): Promise<void>;
}

export interface TemporaryFolder {
  readonly folder: string;
  remove(): Promise<void>;
}

/** A program that is just ending may still write into the folder. */
const removal = { recursive: true, force: true, maxRetries: 5, retryDelay: 100 };
const running = new Set<number>();
const folders = new Set<string>();
let guarded = false;

/** Starts a program in a process group of its own, which does not outlive this process. */
export function startGroup(command: string, args: readonly string[], options: SpawnOptions): ProcessGroup {
  guardExit();
  const child = spawn(command, args, { ...options, detached: process.platform !== 'win32' });
  const { pid } = child;
  if (pid === undefined) return { child, stop: () => Promise.resolve() };
  running.add(pid);
  let stopped: Promise<void> | undefined;
  return { child, stop: () => (stopped ??= stopGroup(pid)) };
}

/** A new folder for a run's data, which does not outlive this process. */
export async function temporaryFolder(prefix: string): Promise<TemporaryFolder> {
  guardExit();
  const folder = await mkdtemp(path.join(tmpdir(), prefix));
  folders.add(folder);
  const remove = async (): Promise<void> => {
    await rm(folder, removal);
    folders.delete(folder);
  };
  return { folder, remove };
}

async function stopGroup(pid: number): Promise<void> {
  // A descendant that left the group is still found by its parents, but only while they live.
  const members = [pid, ...descendants(pid)];
  signal(-pid, 'SIGTERM');
  await ended(members, 2_000);
  signal(-pid, 'SIGKILL');
  for (const member of members) signal(member, 'SIGKILL');
  await ended(members, 5_000);
  running.delete(pid);
}

function descendants(root: number): number[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  const processes = (stdout ?? '').split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  const below = (parent: number): number[] =>
    processes.flatMap(([pid = 0, of]) => (of === parent ? [pid, ...below(pid)] : []));
  return below(root);
}

async function ended(pids: readonly number[], limit: number): Promise<void> {
  for (let waited = 0; waited < limit && pids.some(isAlive); waited += 50) await sleep(50);
}

function isAlive(pid: number): boolean {
  return signal(pid, 0) && !isZombie(pid);
}

/** Ended, but not yet noticed by its parent; in a container without an init process it stays so. */
function isZombie(pid: number): boolean {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false; // Not Linux, or gone in the meantime.
  }
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false; // It has ended already.
  }
}

/** Signals and exceptions would otherwise leave the groups running: they do not get the terminal's Ctrl+C. */
function guardExit(): void {
  if (guarded) return;
  guarded = true;
  process.on('exit', () => {
    running.forEach((pid) => signal(-pid, 'SIGKILL'));
    folders.forEach((folder) => rmSync(folder, removal));
  });
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(name, () => {
      process.exitCode = 130;
      process.exit();
    });
  }
}
