import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { ClipcovError } from '../../server/errors.js';
import { parseHandshake, type Handshake } from './handshake.js';

const START_MS = 30_000;
const STOP_MS = 3_000;

export interface ServerProcess {
  pid: number;
  handshake: Handshake;
  /** Resolves with how it ended, whoever ended it. */
  exited: Promise<string>;
  stop(): Promise<void>;
}

/** Starts the compute server beside the extension, and waits until it listens. */
export async function startProcess(
  cli: string,
  log: (line: string) => void,
  environment: Record<string, string> = {},
): Promise<ServerProcess> {
  // Electron's own executable serves as Node, so that a desktop VS Code needs no Node installed.
  const child = spawn(process.execPath, [cli, 'serve'], {
    // Or glibc takes what is as large as a picture from its heaps too, once one was freed, and those creep up while images are
    // decoded. The command line asks for the same in its first line.
    env: {
      ...{ MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072' },
      ...{ ...process.env, ...environment, ELECTRON_RUN_AS_NODE: '1' },
    },
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  });
  createInterface({ input: child.stderr }).on('line', log);
  // A server that died between two writes must not take the extension host with it.
  child.stdin.on('error', () => undefined);
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ? `signal ${signal}` : `exit code ${code}`));
  });
  const stop = (): Promise<void> => stopProcess(child, exited);
  try {
    return { pid: child.pid!, handshake: await readHandshake(child, exited), exited, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function readHandshake(child: ChildProcess, exited: Promise<string>): Promise<Handshake> {
  return new Promise((resolve, reject) => {
    const fail = (what: string): void =>
      reject(
        new ClipcovError('server-start', `The compute server did not start: ${what}.`, {
          fix: 'See the server log.',
        }),
      );
    const timer = setTimeout(() => fail(`no answer in ${START_MS / 1000} seconds`), START_MS);
    void exited.then((how) => {
      clearTimeout(timer);
      fail(how);
    });
    if (!child.stdout) return fail('it has no standard output');
    createInterface({ input: child.stdout }).once('line', (line) => {
      clearTimeout(timer);
      const handshake = parseHandshake(line);
      // The line may hold the token: it is never repeated.
      if (handshake) resolve(handshake);
      else fail('its first line is no handshake');
    });
  });
}

/** The server leaves by itself when its standard input closes; one that hangs is killed. */
async function stopProcess(child: ChildProcess, exited: Promise<string>): Promise<void> {
  child.stdin?.end();
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await exited;
  clearTimeout(timer);
}
