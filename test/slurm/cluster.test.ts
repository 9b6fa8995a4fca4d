import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterStatus } from '../../server/protocol/cluster.js';
import { quickModel } from '../bench/quickModel.js';
import { makeDataset, runCli, scratchFolder } from '../server/cli.js';
import { allLogs, startCluster, whyNoSlurm, type Cluster } from './slurmCluster.js';

const why = whyNoSlurm();
if (why !== null) console.warn(`skipped: ${why}`);

const scratch = scratchFolder();
const NAMES = join(scratch, 'names.txt');
const EMBEDDED = ['--device', 'cpu', '--model', quickModel()];
const SELECT = ['--budget', '10%', ...EMBEDDED, '--classes', NAMES];
/** Three parts of the store, of images and captions that repeat: quickly made and embedded. */
const PAIRS = Array.from({ length: 2200 }, (_, i) => `images/${i % 50}.png,picture ${i % 37} of ${i % 41}`);

describe.skipIf(why !== null)('a selection on a Slurm cluster', () => {
  let cluster: Cluster;
  const alone = join(scratch, 'alone');
  const slow = join(scratch, 'slow.once');
  beforeAll(async () => {
    cluster = startCluster();
    process.env['XDG_CONFIG_HOME'] = join(scratch, 'config');
    writeFileSync(NAMES, 'red\ngreen\nblue\nround\nlarge\n');
    await makeDataset(alone, 50, [...PAIRS, 'images/none.png,a picture that is missing']);
    for (const name of ['killed', 'poisoned', 'cancelled', 'disturbed', 'slow'])
      cpSync(alone, join(scratch, name), { recursive: true });
    const lone = await runCli('select', alone, ...SELECT, '--evaluate');
    expect(lone.code, lone.stderr).toBe(0);
    // Slurm counts in minutes: it runs beside the others, and is looked at last.
    await submit(
      join(scratch, 'slow'),
      `if [[ $WORK == 'embed 1' && ! -e '${slow}' ]]; then echo $SLURMD_NODENAME > '${slow}'; sleep 600; fi`,
      ...['--time', '1', '--cpus', '1', '--evaluate'],
    );
  }, 120_000);
  afterAll(() => cluster.stop(), 60_000);

  it('is that of one machine byte for byte, though a task was killed', async () => {
    const dataset = join(scratch, 'killed');
    const mark = join(scratch, 'killed.once');
    await submit(
      dataset,
      `if [[ $WORK == 'embed 1' && ! -e '${mark}' ]]; then touch '${mark}'; kill -9 $$; fi`,
      '--evaluate',
    );
    const ended = await settled(dataset);
    expect(ended.state, allLogs(dataset)).toBe('done');
    expect(existsSync(mark)).toBe(true);
    expect(tries(dataset, 'embed')).toEqual([[0, 1, 2], [1]]);
    expect(contents(dataset)).toEqual(contents(alone));

    const again = JSON.parse((await cli('embed', dataset, ...EMBEDDED, '--json')).stdout) as object;
    expect(again).toMatchObject({ pairs: 2251, imagesEncoded: 0, captionsEncoded: 0 });
  });

  it('names a shard that always fails, and goes on without it where that is asked for', async () => {
    const dataset = join(scratch, 'poisoned');
    await submit(dataset, `if [[ $WORK == 'embed 2' ]]; then exit 3; fi`, '--retries', '1');
    const failed = await settled(dataset);
    expect(failed.state).toBe('failed');
    expect(tries(dataset, 'embed')).toEqual([[0, 1, 2], [2]]);
    expect(failed.stages.find(({ stage }) => stage === 'embed')).toMatchObject({
      done: 2,
      failed: 1,
      causes: [{ cause: 'FAILED', tasks: [2] }],
    });
    const gather = failed.stages.find(({ stage }) => stage === 'gather')!;
    expect(gather.causes[0]!.cause).toContain('shard 2 failed 2 times');
    expect(gather.causes[0]!.cause).toContain('--skip-shard 2');

    await cli('cluster', 'resume', dataset, '--skip-shard', '2');
    const ended = await settled(dataset);
    expect(ended, allLogs(dataset)).toMatchObject({ state: 'done', skipped: [2] });
    const subset = JSON.parse(
      readFileSync(join(dataset, 'subsets', 'clipcov-10pct.clipcov.json'), 'utf8'),
    ) as { skipped: { reasons: { reason: string; count: number }[] }; warnings: string[] };
    expect(subset.skipped.reasons).toContainEqual(
      expect.objectContaining({ reason: 'its shard was skipped', count: 2251 - 2048 }),
    );
    expect(subset.warnings).toContainEqual('Of 3 shards, 2 could not be embedded whole.');
  });

  it('ends in seconds when it is cancelled, and goes on where it was, making again what was damaged', async () => {
    const dataset = join(scratch, 'cancelled');
    const hold = join(scratch, 'hold');
    writeFileSync(hold, '');
    await submit(dataset, `if [[ $WORK == 'embed 0' && -e '${hold}' ]]; then sleep 300; fi`, '--cpus', '1');
    const second = await runCli('cluster', 'submit', dataset, ...SELECT, '--shards', '3', '--yes');
    expect(second.stderr).toContain('is on the cluster');
    await until(async () => {
      const { stages } = await status(dataset);
      return stages[1]!.done === 2 && stages[1]!.running === 1;
    });
    const started = performance.now();
    await cli('cluster', 'cancel', dataset);
    expect(performance.now() - started).toBeLessThan(20_000);
    const stopped = await status(dataset);
    expect(stopped.state).toBe('cancelled');
    expect(stopped.stages.every(({ running, waiting }) => running + waiting === 0)).toBe(true);

    // Of the right length, and not what the task wrote.
    const part = partFile(dataset, 'img_emb_1.npy');
    const bytes = readFileSync(part);
    writeFileSync(part, bytes.fill(0, bytes.length - 64));
    rmSync(hold);
    await cli('cluster', 'resume', dataset);
    const ended = await settled(dataset);
    expect(ended.state, allLogs(dataset)).toBe('done');
    expect(tries(dataset, 'embed')).toEqual([[0, 1, 2], [0], [1]]);
    const store = ([name]: [string, unknown]): boolean =>
      name.startsWith('.clipcov') || name.endsWith('.parquet');
    expect(contents(dataset).filter(store)).toEqual(contents(alone).filter(store));
  }, 180_000);

  it('survives the loss of a node and a restart of the controller, byte for byte', async () => {
    const dataset = join(scratch, 'disturbed');
    const mark = join(scratch, 'disturbed.node');
    // Any task that is not on the node of the run below.
    await submit(
      dataset,
      `if [[ $WORK == embed* && $SLURMD_NODENAME != $(cat '${slow}') && ! -e '${mark}' ]]; then echo $SLURMD_NODENAME > '${mark}'; sleep 600; fi`,
      ...['--cpus', '1', '--evaluate'],
    );
    await until(async () => existsSync(mark) && readFileSync(mark, 'utf8').endsWith('\n'));
    cluster.loseNode(readFileSync(mark, 'utf8').trim());
    await cluster.restartController();
    const ended = await settled(dataset);
    expect(ended.state, allLogs(dataset)).toBe('done');
    expect(contents(dataset)).toEqual(contents(alone));
  }, 150_000);

  it('embeds again what ran out of time', async () => {
    const dataset = join(scratch, 'slow');
    const ended = await settled(dataset);
    expect(ended.state, allLogs(dataset)).toBe('done');
    expect(existsSync(slow)).toBe(true);
    expect(tries(dataset, 'embed')).toEqual([[0, 1, 2], [1]]);
    expect(contents(dataset)).toEqual(contents(alone));
  }, 150_000);
});

/** Submits with a wrapper around each task, which knows its stage and number as $WORK. */
async function submit(dataset: string, before: string, ...options: string[]): Promise<void> {
  const wrapper = `${dataset}.wrapper.sh`;
  // node cli.js cluster-task --run FOLDER --stage NAME [--task N]
  writeFileSync(wrapper, `WORK="$7\${9:+ $9}"\n${before}\nexec "$@"\n`);
  const container = `bash ${wrapper}`;
  const args = [
    'cluster',
    'submit',
    dataset,
    ...SELECT,
    '--shards',
    '3',
    '--container',
    container,
    ...options,
  ];
  const refused = await runCli(...args);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain(`exec bash ${wrapper}`);
  await cli(...args, '--yes');
}

async function cli(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const ran = await runCli(...args);
  expect(ran.code, ran.stderr).toBe(0);
  return ran;
}

async function status(dataset: string): Promise<ClusterStatus> {
  return JSON.parse((await cli('cluster', 'status', dataset, '--json')).stdout) as ClusterStatus;
}

async function settled(dataset: string): Promise<ClusterStatus> {
  let last: ClusterStatus | undefined;
  await until(async () => (last = await status(dataset)).state !== 'running');
  return last!;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((later) => setTimeout(later, 2_000));
}

function partFile(dataset: string, name: string): string {
  const found = readdirSync(dataset, { recursive: true, encoding: 'utf8' }).find((file) =>
    file.endsWith(name),
  );
  return join(dataset, found!);
}

/** The tasks of each array that was submitted of a stage. */
function tries(dataset: string, stage: string): number[][] {
  const folder = join(dataset, '.clipcov', 'pairs.csv', 'cluster', '1', 'submissions');
  return readdirSync(folder)
    .sort((a, b) => parseInt(a) - parseInt(b))
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as { stage: string; tasks: number[] })
    .filter((one) => one.stage === stage)
    .map(({ tasks }) => tasks);
}

/** Every file that is a result: the store and the subset, not caches, nor the run's folder. */
function contents(dataset: string): [string, unknown][] {
  return readdirSync(dataset, { recursive: true, encoding: 'utf8' })
    .filter((name) => !/catalogue\.duckdb|classified|\/cluster(\/|$)/.test(name))
    .filter((name) => statSync(join(dataset, name)).isFile())
    .sort()
    .map((name) => [name, digest(name, readFileSync(join(dataset, name)))]);
}

/** Batch sizes, found by timing, are no result; what a person can read is shown where it differs. */
function digest(name: string, bytes: Buffer): unknown {
  if (name.endsWith('plan.json')) return { ...(JSON.parse(bytes.toString()) as object), batch: undefined };
  return name.endsWith('.json') ? bytes.toString() : createHash('sha256').update(bytes).digest('hex');
}
