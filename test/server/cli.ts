import { fork, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll } from 'vitest';

/** The built command line: what a user runs. */
export const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

const HOST = fileURLToPath(new URL('cliHost.mjs', import.meta.url));

export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

interface Running {
  child: ChildProcess;
  ended: Promise<Ran>;
}

export function startCli(args: string[]): Running {
  return runCommand(process.execPath, [CLI, ...args]);
}

export function runCommand(program: string, args: string[], environment: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data) => (stdout += data));
  child.stderr.on('data', (data) => (stderr += data));
  const ended = new Promise<Ran>((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
  return { child, ended };
}

/** Programs that wait for the next command. */
const idle: ChildProcess[] = [];

/**
 * Runs a command to its end, in a program that may have run others before: a third of what a small one takes is to load what all
 * need. What is asked of a process, as of its end, its memory or its signals, is asked of `startCli`.
 */
export async function runCli(...args: string[]): Promise<Ran> {
  const host = idle.filter(({ connected }) => connected).pop() ?? newHost();
  idle.splice(0, Infinity, ...idle.filter((other) => other !== host));
  const ran = await new Promise<Ran>((resolve, reject) => {
    host.once('message', (message) => resolve(message as Ran));
    host.once('exit', (code) => reject(new Error(`The command ended its process: ${code}.`)));
    host.send({ program: CLI, args, environment: process.env });
  });
  host.removeAllListeners();
  idle.push(host);
  return ran;
}

/** It ends with the process that has started it, and keeps that from nothing. */
function newHost(): ChildProcess {
  const host = fork(HOST, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  host.unref();
  host.channel?.unref();
  return host;
}

/** A folder that goes with the test file. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'clipcov-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A PNG that differs with its number. */
export function picture(number: number): Promise<Buffer> {
  const background = { r: (number * 53) % 256, g: (number * 97) % 256, b: (number * 151) % 256 };
  const square = Buffer.from(
    `<svg width="80" height="80"><circle cx="${20 + (number % 40)}" cy="40" r="${8 + (number % 20)}" fill="white"/></svg>`,
  );
  return sharp({ create: { width: 80, height: 80, channels: 3, background } })
    .composite([{ input: square }])
    .png()
    .toBuffer();
}

/** A dataset table with `count` pictures, `extra` lines appended as they are. */
export async function makeDataset(
  folder: string,
  count: number,
  extra: (string | Buffer)[] = [],
): Promise<string> {
  await mkdir(join(folder, 'images'), { recursive: true });
  const lines: (string | Buffer)[] = ['image,caption'];
  for (let i = 0; i < count; i++) {
    await write(join(folder, 'images', `${i}.png`), await picture(i));
    lines.push(`images/${i}.png,picture number ${i}`);
  }
  const table = join(folder, 'pairs.csv');
  await write(
    table,
    Buffer.concat([...lines, ...extra].flatMap((line) => [Buffer.from(line), Buffer.from('\n')])),
  );
  return table;
}

export async function write(file: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}
