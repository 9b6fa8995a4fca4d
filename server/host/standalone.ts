import { randomBytes } from 'node:crypto';
import { PROTOCOL_VERSION } from '../protocol/contract.js';
import { endProcess, parentGone } from './parent.js';
import { serve, type ServeOptions } from './serve.js';

/** The one line on stdout by which whoever started the server finds and may use it. */
export interface Address {
  port: number;
  token: string;
  protocol: number;
}

/** Serves as a process of its own until nobody is left to serve, then ends the process. */
export async function serveStandalone(options: Omit<ServeOptions, 'token' | 'log'>): Promise<never> {
  // A parent that died can no longer read: that must not end this process in the middle of a job.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  const gone = parentGone();
  const token = randomBytes(32).toString('hex');
  const host = await serve({ ...options, token, log });
  const address: Address = { port: host.port, token, protocol: PROTOCOL_VERSION };
  process.stdout.write(`${JSON.stringify(address)}\n`);
  log(`ClipCov ${options.version} serves on 127.0.0.1:${host.port}`);
  log(`The server ends: ${await gone}.`);
  return endProcess(() => host.close());
}
