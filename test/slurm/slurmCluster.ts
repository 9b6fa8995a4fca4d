import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
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

export interface Cluster {
  /** A node is gone at once, and all that ran on it with it. */
  loseNode(name: string): void;
  /** The controller ends, and begins again from what it had saved. */
  restartController(): Promise<void>;
  stop(): void;
}

/** A real cluster of two nodes with two pretended GPUs each; sets SLURM_CONF. */
export function startCluster(): Cluster {
  const folder = mkdtempSync(join(tmpdir(), 'clipcov-slurm-'));
  chmodSync(folder, 0o755);
  run('slurm-up.sh', folder, '2');
  process.env['SLURM_CONF'] = join(folder, 'etc', 'slurm.conf');
  const pidFile = (program: string): string => join(folder, 'pid', `${program}.mypid`);
  const pidOf = (program: string): number => Number(readFileSync(pidFile(program), 'utf8'));
  return {
    loseNode(name) {
      const gone = descendants(pidOf(`slurmd-${name}`));
      for (const pid of gone) quietlyKill(pid, 'SIGKILL');
      // The controller would find out by itself, when the node has not answered for a while.
      spawnSync('scontrol', ['update', `nodename=${name}`, 'state=down', 'reason=lost']);
    },
    async restartController() {
      const pid = pidOf('slurmctld');
      quietlyKill(pid, 'SIGTERM');
      while (isAlive(pid)) await new Promise((later) => setTimeout(later, 50));
      const log = openSync(join(folder, 'log', 'slurmctld.out'), 'a');
      const again = spawn(programPath('slurmctld'), ['-D'], { detached: true, stdio: ['ignore', log, log] });
      again.unref();
      writeFileSync(pidFile('slurmctld'), String(again.pid));
      while (spawnSync('scontrol', ['ping']).stdout?.toString().includes('UP') !== true)
        await new Promise((later) => setTimeout(later, 100));
    },
    stop() {
      // Steps of a node that was lost belong to nobody any more.
      for (const pid of stepsOf(folder)) for (const one of descendants(pid)) quietlyKill(one, 'SIGKILL');
      run('slurm-down.sh', folder);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const programPath = (program: string): string => findOnPath(program) ?? `/usr/sbin/${program}`;

/** Processes that Slurm started for jobs of the cluster in a folder: their environment names its configuration. */
function stepsOf(folder: string): number[] {
  const { stdout } = spawnSync('pgrep', ['-f', '^slurmstepd:'], { encoding: 'utf8' });
  return stdout
    .split('\n')
    .filter(Boolean)
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(folder);
      } catch {
        return false;
      }
    });
}

/** A process with its children and theirs. */
function descendants(pid: number): number[] {
  const { stdout } = spawnSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' });
  const parents = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
  const found = [pid];
  for (const one of found)
    found.push(...parents.filter(([, parent]) => parent === one).map(([child]) => child));
  return found;
}

function quietlyKill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
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
