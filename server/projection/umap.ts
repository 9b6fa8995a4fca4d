import type { EmbeddingTable } from '../rows/pairBlock.js';
import type { Products } from '../selection/products.js';
import { Random } from '../selection/random.js';
import { eachCoordinates, principalMap } from './coordinates.js';
import { fuzzyGraph } from './fuzzyGraph.js';
import { layOut } from './layout.js';
import { NearestRows, type Nearest } from './nearest.js';
import { principalDirections, type OnRows } from './principal.js';

/** Pairs that a layout is made of; all others are placed among them. */
export const FITTED = 10_000;
/** Principal directions in which neighbours are looked for: beyond them CLIP embeddings hold little but noise. */
export const DIRECTIONS = 64;
const NEIGHBOURS = 15;
/** Fitted pairs that another one is placed between. */
const PLACED_BY = 3;
const SPREAD = 10;
const QUERY_ROWS = 512;

export interface UmapTools {
  /** Products of rows of the table's width, and of another one. */
  products: (dim: number) => Promise<Pick<Products, 'outer' | 'cross' | 'crossInDouble'>>;
  /** What is going on, with how much of it is done; throws to cancel. */
  progress: (step: UmapStep, done: number, total: number) => Promise<void>;
}
export type UmapStep = 'directions' | 'reduce' | 'neighbours' | 'layout' | 'place';

export interface UmapMap {
  /** [rows, 2], NaN for a pair that cannot be used. */
  positions: Float32Array;
  /** How many pairs were laid out. */
  fitted: number;
}

/**
 * UMAP of a seeded sample of the usable pairs, from where their principal components put them; every other pair stands between
 * the nearest pairs of the sample. So a million pairs take products and no more layout than ten thousand.
 */
export async function umapMap(table: EmbeddingTable, seed: number, tools: UmapTools): Promise<UmapMap> {
  const { rows } = table;
  const on =
    (step: UmapStep): OnRows =>
    (done) =>
      tools.progress(step, done, rows);
  const wide = await tools.products(table.dim);
  const rank = Math.min(DIRECTIONS, table.dim);
  const principal = await principalDirections(table, rank, wide, on('directions'));
  const usable = Int32Array.from({ length: rows }, (_, row) => row).filter(
    (row) => table.imageScale[row]! > 0 && table.textScale[row]! > 0,
  );
  const random = new Random(seed);
  const sample = random.sample(usable, Math.min(FITTED, usable.length)).sort();
  const neighbours = Math.min(NEIGHBOURS, sample.length - 1);
  // Too few to be told apart by their neighbours.
  if (neighbours < 3)
    return { positions: await principalMap(table, principal, wide, on('place')), fitted: sample.length };

  const place = new Int32Array(rows).fill(-1);
  sample.forEach((row, i) => (place[row] = i));
  const reduced = new Float32Array(sample.length * rank);
  const keep = (own: Int32Array, coordinates: Float32Array): void =>
    own.forEach((row, i) => {
      if (place[row]! >= 0) reduced.set(coordinates.subarray(i * rank, (i + 1) * rank), place[row]! * rank);
    });
  await eachCoordinates(table, principal, rank, wide, keep, on('reduce'));

  const nearest = new NearestRows(reduced, rank, await tools.products(rank));
  const graph = fuzzyGraph(await neighboursOf(reduced, rank, neighbours + 1, nearest, tools), neighbours + 1);
  const laidOut = start(reduced, rank);
  await layOut(laidOut, graph, random, (done, total) => tools.progress('layout', done, total));

  const positions = new Float32Array(2 * rows).fill(NaN);
  sample.forEach((row, i) => positions.set([laidOut[2 * i]!, laidOut[2 * i + 1]!], 2 * row));
  const put = async (own: Int32Array, coordinates: Float32Array): Promise<void> => {
    for (let at = 0; at < own.length; at += QUERY_ROWS) {
      const some = own.subarray(at, at + QUERY_ROWS);
      const found = await nearest.find(coordinates.slice(at * rank, (at + some.length) * rank), PLACED_BY);
      some.forEach((row, i) => {
        if (place[row]! < 0) positions.set(between(found, i, laidOut), 2 * row);
      });
    }
  };
  await eachCoordinates(table, principal, rank, wide, put, on('place'));
  return { positions, fitted: sample.length };
}

/** The nearest of each fitted pair, itself among them. */
async function neighboursOf(
  reduced: Float32Array,
  rank: number,
  k: number,
  nearest: NearestRows,
  tools: UmapTools,
): Promise<Nearest> {
  const count = reduced.length / rank;
  const all: Nearest = { indices: new Int32Array(count * k), distances: new Float64Array(count * k) };
  for (let at = 0; at < count; at += QUERY_ROWS) {
    const found = await nearest.find(reduced.slice(at * rank, (at + QUERY_ROWS) * rank), k);
    all.indices.set(found.indices, at * k);
    all.distances.set(found.distances, at * k);
    await tools.progress('neighbours', Math.min(count, at + QUERY_ROWS), count);
  }
  return all;
}

/** The first two components, as far apart as a layout is. */
function start(reduced: Float32Array, rank: number): Float64Array {
  const count = reduced.length / rank;
  const positions = new Float64Array(2 * count);
  let most = 0;
  for (let i = 0; i < count; i++)
    for (let j = 0; j < Math.min(2, rank); j++) {
      positions[2 * i + j] = reduced[i * rank + j]!;
      most = Math.max(most, Math.abs(reduced[i * rank + j]!));
    }
  return most > 0 ? positions.map((x) => (x / most) * SPREAD) : positions;
}

/** The mean of the nearest, the nearer the heavier. */
function between({ indices, distances }: Nearest, i: number, laidOut: Float64Array): [number, number] {
  let [x, y, sum] = [0, 0, 0];
  for (let p = i * PLACED_BY; p < (i + 1) * PLACED_BY; p++) {
    const weight = 1 / (1e-6 + distances[p]!);
    x += weight * laidOut[2 * indices[p]!]!;
    y += weight * laidOut[2 * indices[p]! + 1]!;
    sum += weight;
  }
  return [x / sum, y / sum];
}
