import { ClipcovError } from '../errors.js';
import type { Stage } from './graph.js';
import type { ClusterSettings } from './settings.js';

/** What the scripts of a run have in common. */
export interface ScriptContext {
  /** The run's folder, absolute. */
  folder: string;
  /** Node.js and the command line's bundle, as the machines of the cluster see them. */
  node: string;
  cli: string;
  settings: ClusterSettings;
}

/** The sbatch script of a stage. Dependencies, and the tasks of an array that is submitted again, are given to sbatch. */
export function stageScript(stage: Stage, { folder, node, cli, settings }: ScriptContext): string {
  const asked = { ...settings, ...settings.stages[stage.name] };
  const gres = settings.stages[stage.name]?.gres ?? (stage.accelerated ? (settings.gres ?? 'gpu:1') : '');
  const { modules, container } = settings;
  const atMost = settings.concurrent === undefined ? '' : `%${settings.concurrent}`;
  const options: [string, string | number | undefined][] = [
    ['job-name', `clipcov-${stage.name}`],
    ['array', stage.tasks === null ? undefined : `0-${stage.tasks - 1}${atMost}`],
    ['chdir', directive(folder)],
    ['output', stage.tasks === null ? `logs/${stage.name}-%j.log` : `logs/${stage.name}-%A_%a.log`],
    ['partition', asked.partition],
    ['account', settings.account],
    ['qos', settings.qos],
    ['constraint', asked.constraint],
    ['time', asked.time],
    ['mem', asked.memory],
    ['cpus-per-task', asked.cpus],
    ['gres', gres || undefined],
  ];
  const task = stage.tasks === null ? '' : ' --task "$SLURM_ARRAY_TASK_ID"';
  const program = [...container, node, cli, 'cluster-task', '--run', folder, '--stage', stage.name];
  return [
    // A login shell, where modules are defined.
    modules.length ? '#!/bin/bash -l' : '#!/bin/bash',
    ...options.flatMap(([name, value]) => (value === undefined ? [] : [`#SBATCH --${name}=${value}`])),
    '#SBATCH --requeue',
    '#SBATCH --kill-on-invalid-dep=yes',
    'set -eo pipefail',
    ...modules.map((module) => `module load ${shellQuoted(module)}`),
    `exec ${program.map(shellQuoted).join(' ')}${task}`,
    '',
  ].join('\n');
}

/** A word for the shell, whatever is in it. */
export function shellQuoted(word: string): string {
  return /^[\w./:=@,+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A path in a line that sbatch reads; it fills in % in the paths of logs, which are below it. */
function directive(path: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what it refuses
  if (/["\\%\x00-\x1f]/.test(path))
    throw new ClipcovError(
      'path-refused',
      'Slurm cannot run in a folder with a quotation mark, % or \\ in its name.',
      {
        where: path,
        fix: 'Keep embeddings in another folder (--store).',
      },
    );
  return `"${path}"`;
}
