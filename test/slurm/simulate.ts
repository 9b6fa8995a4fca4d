/**
 * What a run takes at sizes that no test has: `npx tsx test/slurm/simulate.ts` prints the table of docs/scale.md. Tasks of the
 * array are placed one after the other on whichever accelerator is free, with times that vary and some that fail, cut as
 * the product cuts them; the stages of one task are sums.
 */
import { shardParts } from '../../server/cluster/graph.js';
import { partRowsOf } from '../../server/embeddings/embedDataset.js';
import { randomFor } from '../demo/random.js';

/** Each with where it comes from. */
const MEASURED = {
  /** ViT-B/32 on an H100 by WebGPU, images a second with pixels already there (docs/performance.md). */
  embedPairs: 1920,
  /** Start of Node.js, the model and its device until the first batch: the smallest task on two cores. */
  startSeconds: 2.5,
  /** DuckDB, rows a second of reading a table and writing its copy (3 million rows in 1.3 s). */
  prepareRows: 2.3e6,
  /** SHA-256 by Node.js, bytes a second of one core. */
  checksumBytes: 1.75e9,
  /** 200,000 pairs, d = 512, 1,000 classes on two cores: reading and classifying 2.35 s, terms and greedy 2.18 s. */
  classifyPairsACore: 200_000 / 2.35 / 2,
  greedyPairsACore: 200_000 / 2.18 / 2,
};
/** Assumed: not measured here. */
const ASSUMED = {
  cores: 64,
  /** What one machine reads from the shared file system, bytes a second. */
  readBytes: 5e9,
  imageBytes: 20e3,
  failing: 0.01,
  /** Standard deviation of the logarithm of a task's time. */
  spread: 0.1,
  classes: 1000,
  budget: 0.1,
};
const DIM = 512;
const ROW_BYTES = 2 * 2 * DIM;
/** Of each pair, in the memory of the task that selects (server/jobs/groundSet.ts). */
const SELECT_BYTES = 120;
/** A pick in a subset: row and gain. */
const PICK_BYTES = 12;

function simulate(pairs: number, accelerators: number): string[] {
  const partRows = partRowsOf(pairs);
  const parts = Math.ceil(pairs / partRows);
  const shards = Math.min(parts, 4 * accelerators);
  const random = randomFor(1, `${pairs} ${accelerators}`);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const tasks = Array.from({ length: shards }, (_, shard) => {
    const { first, end } = shardParts(shard, shards, parts);
    const own = Math.min(pairs, end * partRows) - first * partRows;
    return (MEASURED.startSeconds + own / MEASURED.embedPairs) * Math.exp(ASSUMED.spread * normal());
  });
  const failed = tasks.filter(() => random() < ASSUMED.failing);
  const storeBytes = pairs * ROW_BYTES;
  const checking = storeBytes / Math.min(MEASURED.checksumBytes, ASSUMED.readBytes);
  const embed = placed(tasks, accelerators) + (failed.length > 0 ? placed(failed, accelerators) : 0);
  // What failed is verified after it was done again.
  const gather = checking;
  const pass = (rate: number): number =>
    Math.max(pairs / (rate * ASSUMED.cores), storeBytes / ASSUMED.readBytes);
  const select = pass(MEASURED.classifyPairsACore) + pass(MEASURED.greedyPairsACore);
  const total = pairs / MEASURED.prepareRows + embed + gather + select;
  const share = 1 / Array.from({ length: ASSUMED.classes }, (_, k) => 1 / (k + 1)).reduce((a, b) => a + b);
  return [
    `${pairs / 1e6} million`,
    String(accelerators),
    `${shards} × ${(tasks.reduce((a, b) => a + b) / shards / 60).toFixed(0)} min`,
    ...[embed, gather, select, total].map((seconds) => `${(seconds / 3600).toFixed(1)} h`),
    `${((1 - embed / total) * 100).toFixed(0)} %`,
    // Read for the embedding, written, read to verify and twice to select.
    `${((pairs * (ASSUMED.imageBytes + ROW_BYTES) + 3 * storeBytes) / 1e12).toFixed(1)} TB`,
    `${((pairs * ASSUMED.budget * PICK_BYTES) / 1e9).toFixed(1)} GB`,
    `${((pairs * SELECT_BYTES) / 1e9).toFixed(0)} GB`,
    `${((pairs * share) / 1e6).toFixed(0)} million`,
  ];
}

/** Seconds until the last task is done, each placed where it can begin first. */
function placed(tasks: readonly number[], slots: number): number {
  const free = new Float64Array(slots);
  for (const seconds of tasks) {
    const first = free.indexOf(free.reduce((a, b) => Math.min(a, b)));
    free[first]! += seconds;
  }
  return free.reduce((a, b) => Math.max(a, b));
}

const header =
  'pairs | GPUs | tasks | embed | gather | select | in all | not embedding | bytes moved | merged | memory of select | largest class';
console.log(`| ${header} |\n|${' --- |'.repeat(header.split('|').length)}`);
for (const pairs of [400e6, 5e9])
  for (const accelerators of [8, 64, 512]) console.log(`| ${simulate(pairs, accelerators).join(' | ')} |`);
