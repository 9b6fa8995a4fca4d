import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npyFile, openNpy, readNpyRows } from '../../server/embeddings/npy.js';
import { CLI, measure, median } from './measure.js';
import { FOLDER, select, synthetic, type Synthetic } from './synthetic.js';

/**
 * What a sweep costs beyond its selections, as a ratio to one selection of the same size, both measured in this run.
 * Run with `npm run bench:evaluate [PAIRS [PART]]` on an idle machine; PAIRS is the size (500000), PART one of together,
 * neg-clip-loss and notebook. clipcov-notebook is swept at a size that its memory allows, neg-clip-loss apart, with its K = 1.
 */
const pairs = Number(process.argv[2] ?? 500_000);
const only = process.argv[3];
const RUNS = 3;
const METHODS = ['clipcov', 'random', 'clip-score', 'semdedup', 'norm-sim'];

interface Swept {
  select: number;
  evaluate: number;
}

async function sweep(data: Synthetic, methods: string[], ...options: string[]): Promise<Swept> {
  rmSync(join(data.folder, '.clipcov'), { recursive: true, force: true });
  const args = [
    'sweep',
    data.folder,
    '--budgets',
    '5%,10%,20%',
    '--seeds',
    '3',
    '--methods',
    methods.join(','),
  ];
  const classes = ['--class-embeddings', data.classes, '--device', 'cpu', '--json'];
  const { stdout } = await measure(process.execPath, [CLI, ...args, ...classes, ...options]);
  const { seconds } = JSON.parse(stdout) as { seconds: Record<string, number> };
  return { select: seconds['select']!, evaluate: seconds['evaluate']! };
}

/** What norm-sim aims at: some of the images. */
function target(data: Synthetic): string {
  const file = join(FOLDER, 'target.npy');
  const images = openNpy(join(data.folder, 'img_emb', 'img_emb_0.npy'));
  const rows = 2000;
  const values = new Float32Array(rows * images.columns);
  readNpyRows(images, 0, values);
  writeFileSync(file, npyFile(`'<f4'`, `(${rows}, ${images.columns})`, new Uint8Array(values.buffer)));
  return file;
}

async function ratios(data: Synthetic, methods: string[], ...options: string[]): Promise<void> {
  const found: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const one = await select(data);
    const swept = await sweep(data, methods, ...options);
    found.push(swept.evaluate / one.total);
  }
  const runs = found.map((ratio) => ratio.toFixed(2)).join(', ');
  console.log(`  ${methods.join(', ')}: ${median(found).toFixed(2)} selections (${runs}; at most 3)`);
}

/** Those that are measured apart: their selections take longer than everything else. */
const PARTS: Record<string, () => Promise<void>> = {
  together: async () => {
    const data = await synthetic(pairs, 1000);
    await ratios(data, METHODS, '--target', target(data));
  },
  'neg-clip-loss': async () => ratios(await synthetic(pairs, 1000), ['neg-clip-loss']),
  notebook: async () => {
    const small = await synthetic(20_000, 100);
    await ratios(small, [...METHODS, 'clipcov-notebook'], '--target', target(small));
  },
};
console.log(`${pairs.toLocaleString('en-US')} pairs, 3 budgets, 3 seeds: a sweep beyond its selections`);
for (const [name, measured] of Object.entries(PARTS)) if (!only || only === name) await measured();
