import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { writeAside } from '../embeddings/aside.js';
import { describeError, ClipcovError } from '../errors.js';
import { refuseNewer } from '../formatVersion.js';
import { requests } from '../protocol/contract.js';
import { STAGES, stagesOf, type Stage, type StageName } from './graph.js';
import { settingsSchema } from './settings.js';

/*
 * A run is a folder on the shared file system: what was asked for, the scripts, what was submitted, and the truth about
 * what is done: one manifest a task, written aside and renamed, with the lengths and checksums of the task's files.
 */

const runSchema = z.strictObject({
  schema: z.literal(1),
  /** What relative paths of the request are relative to. */
  cwd: z.string(),
  params: requests.select,
  shards: z.number().int().positive(),
  /** Shards that are left out, ascending. */
  skipped: z.array(z.number().int().nonnegative()),
  settings: settingsSchema,
  /** Counted up by `resume`; what was submitted before counts no more as a try. */
  round: z.number().int().nonnegative(),
});
export type RunRecord = z.output<typeof runSchema>;

const submissionSchema = z.strictObject({
  stage: z.enum(STAGES),
  job: z.string(),
  tasks: z.array(z.number().int().nonnegative()).nullable(),
  round: z.number().int().nonnegative(),
});
export type Submission = z.output<typeof submissionSchema>;

const doneSchema = z.strictObject({
  stage: z.enum(STAGES),
  task: z.number().int().nonnegative().nullable(),
  files: z.array(z.strictObject({ path: z.string(), bytes: z.number(), sha256: z.string() })),
  seconds: z.number(),
  node: z.string(),
  device: z.string().nullable(),
  /** Rows of the dataset that the task went over, those it left out, and those that may be readable another time. */
  pairs: z.number().int(),
  leftOut: z.number().int(),
  unreachable: z.number().int(),
});
export type Done = z.output<typeof doneSchema>;
/** What a task says of itself. */
export type Outcome = Pick<Done, 'device' | 'pairs' | 'leftOut' | 'unreachable'> & { files: string[] };

const wholeSchema = z.object({ round: z.number(), tasks: z.array(z.number()) });
const failureSchema = z.object({ message: z.string(), node: z.string() });
export type Failure = z.output<typeof failureSchema>;

export class ClusterRun {
  private constructor(
    readonly folder: string,
    public record: RunRecord,
  ) {}

  static async create(home: string, record: RunRecord): Promise<ClusterRun> {
    const runs = join(home, 'cluster');
    const folder = join(runs, String(Math.max(0, ...runNumbers(runs)) + 1));
    for (const name of ['scripts', 'logs', 'done', 'failures', 'submissions', 'work'])
      await mkdir(join(folder, name), { recursive: true });
    const run = new ClusterRun(folder, record);
    await run.change(record);
    return run;
  }

  static open(folder: string): ClusterRun {
    const file = join(folder, 'run.json');
    const record = readRecord(file);
    if (record === null)
      throw new ClipcovError('cluster-run', 'There is no run of a cluster here.', {
        where: folder,
        fix: 'Begin one with clipcov cluster submit.',
      });
    return new ClusterRun(folder, record);
  }

  /** The last run of a dataset, or null. */
  static latest(home: string): ClusterRun | null {
    const runs = join(home, 'cluster');
    const numbers = runNumbers(runs).filter((number) => existsSync(join(runs, String(number), 'run.json')));
    return numbers.length === 0 ? null : ClusterRun.open(join(runs, String(Math.max(...numbers))));
  }

  get stages(): Stage[] {
    return stagesOf(this.record.shards);
  }

  stage(name: StageName): Stage {
    return this.stages.find((stage) => stage.name === name)!;
  }

  path(...names: string[]): string {
    return join(this.folder, ...names);
  }

  async change(changes: Partial<RunRecord>): Promise<void> {
    this.record = { ...this.record, ...changes };
    await writeAside(this.path('run.json'), `${JSON.stringify(this.record, null, 2)}\n`);
  }

  /** Tasks of a stage that are to be done; `[null]` for a stage of one task. */
  tasksOf({ tasks }: Stage): (number | null)[] {
    if (tasks === null) return [null];
    const skipped = new Set(this.record.skipped);
    return Array.from({ length: tasks }, (_, task) => task).filter((task) => !skipped.has(task));
  }

  submissions(): Submission[] {
    const names = readdirSync(this.path('submissions')).filter((name) => name.endsWith('.json'));
    return names
      .sort((a, b) => parseInt(a) - parseInt(b))
      .map((name) => readJson(this.path('submissions', name), submissionSchema))
      .filter((submission) => submission !== null);
  }

  async submitted(stage: StageName, job: string, tasks: number[] | null): Promise<void> {
    const number = this.submissions().length + 1;
    const submission: Submission = { stage, job, tasks, round: this.record.round };
    await writeAside(this.path('submissions', `${number}.json`), `${JSON.stringify(submission)}\n`);
  }

  /**
   * Runs a task and writes its manifest, or none where it answers that it is not done; an error is noted for whoever looks,
   * and thrown.
   */
  async perform(stage: StageName, task: number | null, work: () => Promise<Outcome | null>): Promise<void> {
    const started = performance.now();
    const failure = this.path('failures', fileOf(stage, task));
    try {
      // What an earlier try said is no word of this one.
      await rm(failure, { force: true });
      const answer = await work();
      if (answer === null) return;
      const { files, ...outcome } = answer;
      const checked = [];
      for (const path of files)
        checked.push({ path, bytes: (await stat(path)).size, sha256: await sha256Of(path) });
      const seconds = (performance.now() - started) / 1000;
      const done: Done = { stage, task, files: checked, seconds, node: nodeName(), ...outcome };
      await writeAside(this.path('done', fileOf(stage, task)), `${JSON.stringify(done)}\n`);
    } catch (error) {
      const said: Failure = { message: describeError(error), node: nodeName() };
      await writeAside(failure, `${JSON.stringify(said)}\n`).catch(() => undefined);
      throw error;
    }
  }

  done(stage: StageName, task: number | null): Done | null {
    return readJson(this.path('done', fileOf(stage, task)), doneSchema);
  }

  failure(stage: StageName, task: number | null): Failure | null {
    return readJson(this.path('failures', fileOf(stage, task)), failureSchema);
  }

  /** The files of a finished task that are not what it wrote. */
  async damaged(done: Done): Promise<string[]> {
    const found: string[] = [];
    for (const { path, bytes, sha256 } of done.files) {
      const info = await stat(path).catch(() => null);
      if (info?.size !== bytes || (await sha256Of(path)) !== sha256) found.push(path);
    }
    return found;
  }

  /** Tasks of an array whose files were read and found whole in this round. */
  foundWhole(stage: StageName): Set<number> {
    const found = readJson(this.path('work', `whole-${stage}.json`), wholeSchema);
    return new Set(found?.round === this.record.round ? found.tasks : []);
  }

  async rememberWhole(stage: StageName, tasks: Set<number>): Promise<void> {
    const found: z.output<typeof wholeSchema> = { round: this.record.round, tasks: [...tasks] };
    await writeAside(this.path('work', `whole-${stage}.json`), `${JSON.stringify(found)}\n`);
  }

  async forget(stage: StageName, task: number | null): Promise<void> {
    await rm(this.path('done', fileOf(stage, task)), { force: true });
  }

  get isCancelled(): boolean {
    return existsSync(this.path('cancelled'));
  }

  /** While it stands, no task submits anything. */
  async setCancelled(cancelled: boolean): Promise<void> {
    if (cancelled) await writeAside(this.path('cancelled'), '');
    else await rm(this.path('cancelled'), { force: true });
  }
}

function fileOf(stage: StageName, task: number | null): string {
  return `${stage}${task === null ? '' : `-${task}`}.json`;
}

function nodeName(): string {
  return process.env['SLURMD_NODENAME'] ?? hostname();
}

function runNumbers(folder: string): number[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** What a run was asked for; null where there is none. Without it nothing of a run can be gone on with. */
function readRecord(file: string): RunRecord | null {
  if (!existsSync(file)) return null;
  try {
    const record: unknown = JSON.parse(readFileSync(file, 'utf8'));
    refuseNewer(record, {
      known: 1,
      what: 'The run of a cluster',
      where: file,
      otherwise: 'begin another run: what was embedded is kept.',
    });
    return runSchema.parse(record);
  } catch (cause) {
    if (cause instanceof ClipcovError) throw cause;
    throw new ClipcovError('cluster-run-unreadable', 'The record of the run cannot be read.', {
      where: file,
      fix: 'Begin another run: what was embedded is kept.',
      cause,
    });
  }
}

/** The content of a file, or null where it is not there or not what it should be. */
function readJson<T>(file: string, schema: z.ZodType<T>): T | null {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

export async function sha256Of(file: string): Promise<string> {
  const digest = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 2 ** 20 }))
    digest.update(chunk as Buffer);
  return digest.digest('hex');
}
