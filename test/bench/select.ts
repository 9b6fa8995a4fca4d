import { denseGreedy, denseObjective, readDense } from './dense.js';
import { limit } from './limit.js';
import { median } from './measure.js';
import { objectives } from './objectives.js';
import { notebook, select, synthetic, type Selected, type Synthetic } from './synthetic.js';

/**
 * The selection engine as ratios: to reading and classifying, to the notebook's procedure, to the machine's limit, to
 * itself at other sizes, and its F to that of others. Each ratio's sides are measured in this run. Needs python3 with
 * numpy for the data and the peer, and 10 GB of disk. Run with `npm run bench:select [PAIRS]` on an idle machine; PAIRS
 * is the largest size (3000000).
 */
const largest = Number(process.argv[2] ?? 3_000_000);
const RUNS = 5;

/** Runs once for the page cache, then `RUNS` times. */
async function runs(data: Synthetic): Promise<Selected[]> {
  await select(data);
  const all: Selected[] = [];
  for (let run = 0; run < RUNS; run++) all.push(await select(data));
  return all;
}

const typical = (all: Selected[]): number => median(all.map(({ total }) => total));
const peak = (all: Selected[]): number => Math.max(...all.map(({ peakBytes }) => peakBytes));
const MiB = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`;

async function exactness(): Promise<void> {
  const data = await synthetic(100_000, 100);
  console.log('\n100,000 pairs, 100 classes, d = 512, 10 %');
  const all = await runs(data);
  const { picks, objective } = all[0]!;
  const ratio = median(all.map(({ total, stages }) => total / stages['classify']!));
  console.log(`  whole / (read + classify): ${ratio.toFixed(2)} (at most 3)`);
  console.log(`  peak resident memory: ${MiB(peak(all))} (under 1024)`);
  const dense = readDense(data.folder, data.classes);
  const greedy = denseGreedy(dense, picks.length);
  const reference = denseObjective(dense, greedy);
  const same = greedy.filter((row, i) => row === picks[i]).length;
  console.log(
    `  F / F(dense plain greedy) − 1: ${(objective / reference - 1).toExponential(1)} (within 1e-9)`,
  );
  console.log(`  picks equal to the dense greedy's, in order: ${same} of ${picks.length}`);
  const byAttraction = [...dense.attraction.keys()].sort(
    (a, b) => dense.attraction[b]! - dense.attraction[a]! || a - b,
  );
  const fixed = denseObjective(dense, byAttraction.slice(0, picks.length));
  console.log(`  F / F(static order): ${(reference / fixed).toFixed(6)} (above 1)`);
  const peer = await notebook(data);
  console.log(
    `  F / F(notebook): ${(reference / denseObjective(dense, peer.picks)).toFixed(6)} (at least 1)`,
  );
}

async function speed(): Promise<void> {
  const data = await synthetic(500_000, 1000);
  console.log('\n500,000 pairs, 1,000 classes, d = 512, 10 %: from .npy files to a written subset');
  const all = await runs(data);
  const own = typical(all);
  const { read, product } = await limit(data, 1000);
  const peer = await notebook(data);
  console.log(`  notebook procedure / ours: ${(peer.total / own).toFixed(1)} (at least 5; the aim is 20)`);
  console.log(`  ours / limit: ${(own / (read + product)).toFixed(2)} (at most 1.6)`);
  console.log(
    `    the limit: reading ${(read / own).toFixed(2)}, class product in float32 ${(product / own).toFixed(2)} of ours`,
  );
  const stages = Object.entries(all[0]!.stages).map(
    ([name, s]) => `${name} ${(s / all[0]!.total).toFixed(2)}`,
  );
  console.log(`    ours by stage: ${stages.join(', ')}`);
  console.log(`  peak resident memory: ${MiB(peak(all))}`);
  const [ours, theirs] = await objectives(data, [all[0]!.picks, peer.picks]);
  console.log(`  F / F(notebook): ${(ours! / theirs!).toFixed(6)} (at least 1)`);
}

async function scaling(): Promise<void> {
  console.log('\n1,000 classes, d = 512, 10 %: time a pair, relative to 250,000 pairs');
  let first = 0;
  for (const pairs of [250_000, 500_000, 1_000_000, 3_000_000].filter((size) => size <= largest)) {
    const all = await runs(await synthetic(pairs, 1000));
    const each = typical(all) / pairs;
    first ||= each;
    console.log(
      `  ${String(pairs).padStart(9)}: ${(each / first).toFixed(2)} (at most 1.15), peak ${MiB(peak(all))} (under 2048)`,
    );
  }
}

await exactness();
await speed();
await scaling();
