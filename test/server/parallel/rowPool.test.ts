import type { Objective } from '../../../server/protocol/selection.js';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStore, type EmbeddingStore } from '../../../server/embeddings/store.js';
import { Cancelled } from '../../../server/errors.js';
import { evaluateSubsets, type RunDirections } from '../../../server/evaluation/evaluateSubset.js';
import { heldOutPairs } from '../../../server/evaluation/linearRetrieval.js';
import type { RunPass } from '../../../server/evaluation/subsetPass.js';
import { RowPool } from '../../../server/parallel/rowPool.js';
import { selectClipcov } from '../../../server/selection/clipcov.js';
import { measureRows } from '../../../server/selection/objective.js';
import { Random } from '../../../server/selection/random.js';
import { prepareClasses } from '../../../server/selection/prepare.js';
import type { SelectionInput } from '../../../server/selection/selectionInput.js';
import { scratchFolder } from '../cli.js';
import { makeStore, type NpyType } from '../embeddings/npyFiles.js';
import { CPU, productsOf } from '../engine/testProducts.js';
import { dot, nothing, numbers, unit } from '../selection/samples.js';

const objective = async (...of: Parameters<typeof measureRows>): Promise<Objective> =>
  (await measureRows(...of)).objective;

const WEIGHTS = { cross: 1, self: 2, label: 0.5, inter: 1, redundancy: 1, balance: 0.5 };
const [ROWS, DIM, CLASSES] = [9000, 16, 7];
const NONE = new Int32Array(0);
const folder = scratchFolder();
const next = numbers(11);
const classes = Array.from({ length: CLASSES }, () => unit(Array.from({ length: DIM }, next)));
const images = Array.from({ length: ROWS }, (_, i) =>
  Array.from({ length: DIM }, (__, j) => 0.5 * next() + classes[(i * i) % CLASSES]![j]!),
);
const texts = images.map((row) => row.map((x) => 0.5 * x + 0.5 * next()));
images[5] = images[5]!.map(() => 0);
texts[8000]![3] = NaN;

let made = 0;
function storeOf(cuts: number[], type: NpyType = 'f4'): EmbeddingStore {
  const parts = [0, ...cuts].map((start, i) => ({
    number: String(i),
    images: images.slice(start, cuts[i]),
    texts: texts.slice(start, cuts[i]),
  }));
  return openStore(makeStore(join(folder, `${++made}`), parts, type));
}

async function withPool<T>(
  store: EmbeddingStore,
  options: { threads?: number; classBytes?: number; cancelled?: () => boolean },
  use: (pool: RowPool) => Promise<T>,
): Promise<T> {
  const pool = new RowPool(store, CPU, {
    threads: 2,
    classBytes: 2 ** 24,
    cancelled: () => false,
    ...options,
  });
  try {
    return await use(pool);
  } finally {
    await pool.close();
  }
}

const flatClasses = Float64Array.from(classes.flat());

/** Reads, classifies and selects, and everything that came out of it. */
async function wholeRun(
  store: EmbeddingStore,
  { held = false, ...options }: { threads?: number; classBytes?: number; held?: boolean },
) {
  return withPool(store, options, async (pool) => {
    await pool.setClasses(flatClasses, CLASSES);
    const { checksum, sums } = await pool.read(CLASSES, Int32Array.of(17), nothing);
    if (held) await pool.hold(2 ** 30);
    const { table, labels } = pool;
    const prepared = await prepareClasses(table, labels, CLASSES, flatClasses, nothing, sums!);
    const input: SelectionInput = {
      ...{ table, labels, ...prepared, weights: WEIGHTS },
      ...{ budget: 900, seed: 0, checkpoint: nothing, check: () => {}, products: productsOf(DIM) },
    };
    const shared = await selectClipcov({ ...input, passes: pool.passes(nothing) });
    return {
      input,
      sums: sums!,
      result: {
        checksum,
        labels: [...labels],
        scales: [...table.imageScale, ...table.textScale],
        sums: [...sums!.images, ...sums!.texts],
        picks: [...shared.rows],
        gains: [...shared.gains],
        measured: shared.measured,
      },
      again: await pool.measure(shared.rows, labels, prepared.context, WEIGHTS),
      alone: await selectClipcov(input),
      plain: await objective(table, labels, shared.rows, prepared.context, WEIGHTS, nothing),
    };
  });
}

describe('RowPool', () => {
  it('labels and sums every usable row, and gives the rest no class', async () => {
    const { input, sums } = await wholeRun(storeOf([4000]), {});
    const kept = (row: number[]): number[] => row.map(Math.fround);
    const expected = images.map((row, i) => {
      if (i === 5 || i === 8000 || i === 17) return -1;
      const scores = classes.map((text) => dot(kept(row), text));
      return scores.indexOf(Math.max(...scores));
    });
    expect([...input.labels]).toEqual(expected);
    expect([input.table.imageScale[5], input.table.textScale[8000]]).toEqual([0, 0]);
    expect(input.table.imageScale[17]).toBeCloseTo(1 / Math.hypot(...kept(images[17]!)), 12);
    const own = images.flatMap((row, i) => (expected[i] === 3 ? [unit(kept(row))] : []));
    expect(sums.counts[3]).toBe(own.length);
    for (let j = 0; j < DIM; j++)
      expect(sums.images[3 * DIM + j]).toBeCloseTo(
        own.reduce((sum, row) => sum + row[j]!, 0),
        8,
      );
  });

  it('gives the same bits with any number of threads, any cut of the store, and any memory, rows held or not', async () => {
    const { result, again, alone, plain } = await wholeRun(storeOf([]), { threads: 1 });
    expect(result.picks.length).toBe(900);
    expect([...alone.rows]).toEqual(result.picks);
    expect([...alone.gains]).toEqual(result.gains);
    expect(again.objective.value).toBeCloseTo(plain.value, 8);
    expect(result.measured!.objective.value).toBeCloseTo(plain.value, 8);
    expect(again.clipScores).toEqual(result.measured!.clipScores);
    // A class that has room for two of its pairs reads the others each time.
    for (const [cuts, threads, classBytes] of [
      [[], 3, 2 ** 24],
      [[1, 100, 8999], 2, 2 ** 24],
      [[], 2, 2 * 4 * DIM * 4],
    ] as const)
      expect((await wholeRun(storeOf([...cuts]), { threads, classBytes })).result).toEqual(result);
    expect((await wholeRun(storeOf([4000]), { threads: 2, held: true })).result).toEqual(result);
  });

  it('knows changed values by their checksum, in half precision too', async () => {
    const checksum = (store: EmbeddingStore): Promise<string> =>
      withPool(store, {}, async (pool) => (await pool.read(null, NONE, nothing)).checksum);
    const before = await checksum(storeOf([3000], 'f2'));
    expect(await checksum(storeOf([10, 7000], 'f2'))).toBe(before);
    const value = texts[6500]![2]!;
    texts[6500]![2] = value + 0.01;
    const after = await checksum(storeOf([3000], 'f2'));
    texts[6500]![2] = value;
    expect(after).not.toBe(before);
  });

  it('stops soon after it was cancelled, and its threads end', async () => {
    let asked = 0;
    const cancelled = (): boolean => ++asked > 1;
    await expect(
      withPool(storeOf([]), { cancelled }, async (pool) => {
        await pool.setClasses(flatClasses, CLASSES);
        await pool.read(CLASSES, NONE, nothing);
        await pool.read(CLASSES, NONE, nothing);
      }),
    ).rejects.toThrow(Cancelled);
  });

  it('names the file of a store that lost rows after it was opened', async () => {
    const store = storeOf([]);
    const broken = structuredClone(store);
    broken.parts[0]!.texts.file = join(folder, 'gone.npy');
    await expect(withPool(broken, {}, (pool) => pool.read(null, NONE, nothing))).rejects.toThrow(/gone\.npy/);
  });

  it('measures subsets to the same bits on any number of threads, rows held or not, and as one thread does', async () => {
    const measured = async (threads: number, held: boolean): Promise<unknown> =>
      withPool(storeOf([4000], 'f2'), { threads }, async (pool) => {
        await pool.setClasses(flatClasses, CLASSES);
        const { sums } = await pool.read(CLASSES, Int32Array.of(17), nothing);
        const { table, labels } = pool;
        const { members, context } = await prepareClasses(
          table,
          labels,
          CLASSES,
          flatClasses,
          nothing,
          sums!,
        );
        const all = Int32Array.from(labels.keys()).filter((row) => labels[row]! >= 0);
        const mean = (side: Float64Array): Float64Array =>
          Float64Array.from({ length: DIM }, (_, j) =>
            side.reduce((sum, value, i) => sum + (i % DIM === j ? value / all.length : 0), 0),
          );
        if (held) await pool.hold(2 ** 30);
        const random = new Random(3);
        const orders = [900, 4000].map((most) => {
          const rows = random.sample(all, most);
          return { rows, sizes: [300, most] };
        });
        const found = await evaluateSubsets(orders, {
          ...{ table, labels, all, members, terms: context, weights: WEIGHTS, directions: 4, tasks: [] },
          ...{ origin: { image: mean(sums!.images), text: mean(sums!.texts) }, products: productsOf(DIM) },
          ...{ heldOut: heldOutPairs(all, 1), checkpoint: nothing },
          ...(threads > 0 && {
            threads: {
              classes: (...pass: Parameters<RunPass>) => pool.measureClasses(...pass),
              directions: (...asked: Parameters<RunDirections>) => pool.measureDirections(...asked),
            },
          }),
        });
        expect(found.full.duplicateRate).toBeGreaterThan(0);
        return found;
      });
    const alone = await measured(0, false);
    for (const [threads, held] of [
      [1, false],
      [2, false],
      [3, true],
    ] as const)
      expect(await measured(threads, held)).toEqual(alone);
  });
});
