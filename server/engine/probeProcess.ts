import { execFile } from 'node:child_process';
import type { Device } from './device.js';
import type { Machine } from './machine.js';
import { readAnswer, type ProbeAnswer } from './probeAnswer.js';

/** Whether products are right, or also how fast they are, or whether they are right in half precision. */
export type Question = 'products' | 'rate' | 'half';

/** Runs the probe in a child process of its own: a bad driver takes its process along. */
export function probe(
  name: Device['name'],
  question: Question,
  { probe: script, probeTimeoutMs, env }: Pick<Machine, 'probe' | 'probeTimeoutMs' | 'env'>,
): Promise<ProbeAnswer> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [script, name, question],
      // A driver that hangs does not hear a polite signal.
      { timeout: probeTimeoutMs, killSignal: 'SIGKILL', env: { ...env, ELECTRON_RUN_AS_NODE: '1' } },
      (error, stdout) => {
        const answer = readAnswer(stdout);
        if (answer) resolve(answer);
        else if (error?.killed) resolve({ reason: `its probe hung for ${probeTimeoutMs / 1000} s.` });
        else {
          const end = error?.signal ?? `exit code ${error?.code ?? 0}`;
          resolve({ reason: `its probe ended without an answer (${end}).` });
        }
      },
    );
  });
}
