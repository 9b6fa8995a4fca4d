import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findOnPath } from '../setup/chromium.js';

/** What Slurm needs here; on Debian the packages slurmctld, slurmd, slurm-client and munge. */
const PROGRAMS = ['slurmctld', 'slurmd', 'sbatch', 'munged'];

/** Why there can be no cluster on this machine, or null. */
export function whyNoSlurm(): string | null {
  const missing = PROGRAMS.filter(
    (program) => findOnPath(program) === undefined && !existsSync(`/usr/sbin/${program}`),
  );
  if (missing.length === 0) return null;
  return `Slurm is not on this machine (${missing.join(', ')}): npm run test:setup installs it where apt-get may be used`;
}

/** A real cluster of two nodes with two pretended GPUs each; sets SLURM_CONF. */
export function startCluster(): { stop(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'clipcov-slurm-'));
  chmodSync(folder, 0o755);
  run('slurm-up.sh', folder, '2');
  process.env['SLURM_CONF'] = join(folder, 'etc', 'slurm.conf');
  return {
    stop() {
      run('slurm-down.sh', folder);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function run(script: string, ...args: string[]): void {
  const file = fileURLToPath(new URL(script, import.meta.url));
  const env = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` };
  const { status, stdout, stderr } = spawnSync('bash', [file, ...args], { encoding: 'utf8', env });
  if (status !== 0) throw new Error(`${script} failed: ${stdout}${stderr}`);
}

/** Logs of all tasks of a dataset's runs: what to read when a test fails. */
export function allLogs(dataset: string): string {
  const names = readdirSync(dataset, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /cluster\/\d+\/logs\//.test(name),
  );
  return names.map((name) => `${name}\n${readFileSync(join(dataset, name), 'utf8')}`).join('\n');
}
