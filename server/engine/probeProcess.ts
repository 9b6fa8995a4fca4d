import { execFile } from 'node:child_process';
import type { Machine } from './machine.js';
import { readAnswer, type ProbeAnswer } from './probeAnswer.js';

/** Runs the probe in a child process of its own: a bad driver takes its process along. */
export function probe(
  args: string[],
  { probe: script, probeTimeoutMs, env }: Pick<Machine, 'probe' | 'probeTimeoutMs' | 'env'>,
): Promise<ProbeAnswer> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [script, ...args],
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
