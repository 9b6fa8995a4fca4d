import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
export const PEER = fileURLToPath(new URL('./peer', import.meta.url));

export interface Measured {
  stdout: string;
  seconds: number;
  /** Peak resident memory as the kernel counts it, seen from outside the process. */
  peakBytes: number;
}

/** Runs a command to its end; a failure throws with what it said. */
export function measure(program: string, args: string[]): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    let peakBytes = 0;
    child.stdout.on('data', (data) => (stdout += data));
    child.stderr.on('data', (data) => (stderr += data));
    const poll = setInterval(() => {
      peakBytes = Math.max(peakBytes, highWater(child.pid!));
    }, 20);
    child.on('error', reject);
    child.on('close', (code) => {
      clearInterval(poll);
      if (code === 0) resolve({ stdout, seconds: (performance.now() - started) / 1000, peakBytes });
      else reject(new Error(`${program} ${args.join(' ')} ended with ${code}:\n${stderr}`));
    });
  });
}

function highWater(pid: number): number {
  try {
    const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
