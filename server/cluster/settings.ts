import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ClipcovError } from '../errors.js';

/** A word that Slurm takes as the value of an option: nothing in it ends a line or opens another option. */
const word = z.string().regex(/^[\w.:=,@+/*&|()[\]-]{1,200}$/, 'is no word that Slurm would take');
/** Words of a command; each is quoted for the shell. */
// eslint-disable-next-line no-control-regex -- control characters are what it refuses
const argument = z.string().regex(/^[^\x00-\x1f\x7f]{1,1000}$/, 'is empty or holds a control character');

const resources = {
  partition: word.optional(),
  time: word.optional(),
  /** Of a task, as `--mem` takes it: `16G`. */
  memory: word.optional(),
  cpus: z.number().int().min(1).max(4096).optional(),
  /** `gpu:1`; an empty string asks for none. */
  gres: z.union([word, z.literal('')]).optional(),
  constraint: word.optional(),
};
export const settingsSchema = z.strictObject({
  ...resources,
  account: word.optional(),
  qos: word.optional(),
  modules: z.array(argument).max(50).default([]),
  /** What stands before the program, such as `["apptainer", "exec", "--nv", "clipcov.sif"]`. */
  container: z.array(argument).max(50).default([]),
  /** Node.js on the machines of the cluster; that of this machine where absent. */
  node: argument.optional(),
  /** Tasks of an array that may run at the same time. */
  concurrent: z.number().int().min(1).optional(),
  /** How often what is missing of an array is submitted again before the run gives up. */
  retries: z.number().int().min(0).max(10).default(2),
  /** What a stage asks for instead. */
  stages: z
    .partialRecord(z.enum(['prepare', 'embed', 'gather', 'select']), z.strictObject(resources))
    .default({}),
});
export type ClusterSettings = z.output<typeof settingsSchema>;

export const SETTINGS_FILE = 'cluster.json';

/** The settings of a dataset's own folder, with those given now in their place. */
export function readSettings(folder: string, given: Record<string, unknown>): ClusterSettings {
  const file = join(folder, SETTINGS_FILE);
  let kept: unknown = {};
  try {
    kept = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT')
      throw refused(file, (cause as Error).message, cause);
  }
  const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const own = settingsSchema.safeParse(kept);
  if (!own.success) throw refused(file, issueOf(own.error));
  const merged = settingsSchema.safeParse({ ...own.data, ...present });
  if (!merged.success) throw refused('the command line', issueOf(merged.error));
  return merged.data;
}

function issueOf(error: z.ZodError): string {
  const { path, message } = error.issues[0]!;
  return `${path.join('.') || 'it'}: ${message}`;
}

function refused(where: string, why: string, cause?: unknown): ClipcovError {
  return new ClipcovError('cluster-settings', `The settings of the cluster cannot be used: ${why}`, {
    where,
    fix: 'Correct the value; docs/scale.md lists what may stand there.',
    cause,
  });
}
