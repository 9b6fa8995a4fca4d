import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { denseGreedy, denseObjective, readDense } from './dense.js';
import { CLI, measure, median, PEER } from './measure.js';
import { readNpyIntegers } from './npyIntegers.js';

/**
 * 100,000 synthetic pairs, 100 classes, d = 512, 10 %: time as a ratio to reading and classifying in the same run,
 * memory from outside, and F against a dense plain greedy, the static order and the notebook's procedure. Needs python3
 * with numpy for the data and the peer. Run with `npm run bench:select` on an idle machine.
 */
const folder = join(tmpdir(), 'clipcov-bench');
const data = join(folder, 'synthetic-100k');
const classes = join(data, 'class_emb.npy');
mkdirSync(folder, { recursive: true });
if (!existsSync(classes))
  await measure('python3', [join(PEER, 'gen_embeddings.py'), data, '--pairs', '100000']);

interface Printed {
  picks: number[];
  seconds: Record<string, number>;
  objective: { value: number };
}

const RUNS = 5;
const ratios: number[] = [];
const peaks: number[] = [];
let printed: Printed | undefined;
for (let run = 0; run <= RUNS; run++) {
  const args = [
    'select',
    data,
    '--budget',
    '10%',
    '--class-embeddings',
    classes,
    '--device',
    'cpu',
    '--json',
  ];
  const { stdout, peakBytes } = await measure(process.execPath, [
    CLI,
    ...args,
    '--out',
    join(folder, 'bench'),
  ]);
  printed = JSON.parse(stdout) as Printed;
  if (run === 0) continue; // warms the page cache
  const { seconds } = printed;
  const whole = Object.values(seconds).reduce((a, b) => a + b, 0);
  ratios.push(whole / (seconds['read']! + seconds['classify']!));
  peaks.push(peakBytes);
  console.log(
    Object.entries(seconds)
      .map(([stage, value]) => `${stage} ${value.toFixed(2)}`)
      .join(', '),
  );
}
console.log(
  `whole selection / (read + classify): median ${median(ratios).toFixed(2)} of ${RUNS} runs (at most 3)`,
);
console.log(`peak resident memory: ${(Math.max(...peaks) / 2 ** 20).toFixed(0)} MiB (under 1024)`);

const notebookFile = join(folder, 'notebook.npy');
const peer = await measure('python3', [
  join(PEER, 'notebook_procedure.py'),
  data,
  '--budget',
  '0.1',
  '--out',
  notebookFile,
]);
const peerSeconds = (JSON.parse(peer.stdout) as { total_s: number }).total_s;
const own = Object.values(printed!.seconds).reduce((a, b) => a + b, 0);
console.log(`notebook procedure / selection, seconds: ${(peerSeconds / own).toFixed(1)} (last run of each)`);

const dense = readDense(data, classes);
const budget = printed!.picks.length;
const staticOrder = [...dense.attraction.keys()].sort(
  (a, b) => dense.attraction[b]! - dense.attraction[a]! || a - b,
);
const greedy = denseGreedy(dense, budget);
const F = (picks: Iterable<number>): number => denseObjective(dense, picks);
const reference = F(greedy);
const same = greedy.filter((row, i) => row === printed!.picks[i]).length;
console.log(
  `F reported / F of the dense plain greedy − 1: ${(printed!.objective.value / reference - 1).toExponential(1)} (within 1e-9)`,
);
console.log(`picks equal to the dense greedy's, in order: ${same} of ${budget}`);
console.log(`F / F(static order): ${(reference / F(staticOrder.slice(0, budget))).toFixed(6)} (above 1)`);
console.log(
  `F / F(notebook procedure): ${(reference / F(readNpyIntegers(notebookFile))).toFixed(6)} (above 1)`,
);
