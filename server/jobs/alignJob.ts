import { copyFile, mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Matrix } from 'ml-matrix';
import { throwIfCancelled, type JobContext } from '../context.js';
import { produceAside, writeAside } from '../embeddings/aside.js';
import { npyBytes, readNpyRows, type NpyMatrix } from '../embeddings/npy.js';
import { partPaths } from '../embeddings/partFiles.js';
import { openStore, type EmbeddingStore, type StorePart } from '../embeddings/store.js';
import { chooseDevice } from '../engine/chooseDevice.js';
import { openOuter } from '../engine/products.js';
import { ClipcovError } from '../errors.js';
import type { DeviceChoice } from '../protocol/fields.js';
import { floatToHalf } from '../rows/float16.js';
import { alignedRows, canonicalMaps, type TwoSidedMoments } from '../selection/canonical.js';
import { breathe, ProgressReporter } from './progress.js';

const CHUNK_ROWS = 2048;

export interface AlignParams {
  /** Store whose sides may be of different encoders and widths. */
  store: string;
  out: string;
  rank: number;
  ridge: number;
  device: DeviceChoice;
}

export interface Alignment {
  out: string;
  rows: number;
  /** Canonical correlations that were kept, largest first. */
  correlations: number[];
}

/**
 * Aligns a store whose images and captions were embedded by encoders that know nothing of each other (CSA), and writes a
 * store that every method can choose from: the same rows and metadata, one width, products that are CSA's similarity.
 */
export async function alignJob(params: AlignParams, context: JobContext): Promise<Alignment> {
  const store = openStore(resolve(params.store), 'any');
  const out = resolve(params.out);
  if (out === store.folder)
    throw new ClipcovError('out-invalid', 'The aligned store cannot take the place of its source.', {
      where: out,
      fix: 'Give another folder with --out.',
    });
  const progress = new ProgressReporter(context);
  const device = await chooseDevice(params.device);
  progress.device = device.report;
  progress.begin('classify', 'rows');
  let done = 0;
  const onRows = async (rows: number): Promise<void> => {
    throwIfCancelled(context);
    progress.update((done += rows), 3 * store.rows);
    await breathe();
  };
  const product = await openOuter(device);
  try {
    const moments = await momentsOf(store, product.outer, onRows);
    const maps = canonicalMaps(moments, params.rank, params.ridge);
    for (const part of store.parts) await writePart(out, store, part, moments, maps, onRows);
    return { out, rows: store.rows, correlations: [...maps.correlations] };
  } finally {
    await product.release();
  }
}

/** Rows of a part, a chunk at a time, as float32. */
function* chunks(part: StorePart): Generator<{ rows: number; images: Float32Array; texts: Float32Array }> {
  for (let first = 0; first < part.rows; first += CHUNK_ROWS) {
    const rows = Math.min(CHUNK_ROWS, part.rows - first);
    const read = (matrix: NpyMatrix): Float32Array => {
      const values = new Float32Array(rows * matrix.columns);
      readNpyRows(matrix, first, values);
      return values;
    };
    yield { rows, images: read(part.images), texts: read(part.texts) };
  }
}

async function momentsOf(
  store: EmbeddingStore,
  outer: (left: Float32Array, right: Float32Array, rows: number) => Promise<Float32Array>,
  onRows: (rows: number) => Promise<void>,
): Promise<TwoSidedMoments> {
  const [dv, dl] = [store.dim, store.parts[0]!.texts.columns];
  const means = { images: new Float64Array(dv), texts: new Float64Array(dl) };
  let used = 0;
  for (const part of store.parts)
    for (const { rows, images, texts } of chunks(part)) {
      for (let i = 0; i < rows; i++) {
        if (!isUsable(images, i, dv) || !isUsable(texts, i, dl)) continue;
        used++;
        for (let j = 0; j < dv; j++) means.images[j]! += images[i * dv + j]!;
        for (let j = 0; j < dl; j++) means.texts[j]! += texts[i * dl + j]!;
      }
      await onRows(rows);
    }
  if (used < 2)
    throw new ClipcovError('store-unusable', `The store has ${used} usable rows: too few to align.`, {
      where: store.folder,
    });
  for (const mean of Object.values(means)) for (let j = 0; j < mean.length; j++) mean[j]! /= used;
  const second = { images: new Matrix(dv, dv), texts: new Matrix(dl, dl), cross: new Matrix(dv, dl) };
  for (const part of store.parts)
    for (const { rows, images, texts } of chunks(part)) {
      for (let i = 0; i < rows; i++) {
        // An unusable row adds nothing about the mean.
        const usable = isUsable(images, i, dv) && isUsable(texts, i, dl);
        for (let j = 0; j < dv; j++) images[i * dv + j] = usable ? images[i * dv + j]! - means.images[j]! : 0;
        for (let j = 0; j < dl; j++) texts[i * dl + j] = usable ? texts[i * dl + j]! - means.texts[j]! : 0;
      }
      add(second.images, await outer(images, images, rows), used);
      add(second.texts, await outer(texts, texts, rows), used);
      add(second.cross, await outer(images, texts, rows), used);
      await onRows(rows);
    }
  return { rows: used, imageMean: means.images, textMean: means.texts, ...second };
}

function isUsable(values: Float32Array, row: number, dim: number): boolean {
  let square = 0;
  for (let j = row * dim; j < (row + 1) * dim; j++) square += values[j]! * values[j]!;
  return square > 0 && Number.isFinite(square);
}

function add(sum: Matrix, part: Float32Array, over: number): void {
  for (let i = 0, at = 0; i < sum.rows; i++)
    for (let j = 0; j < sum.columns; j++, at++) sum.set(i, j, sum.get(i, j) + part[at]! / over);
}

async function writePart(
  out: string,
  store: EmbeddingStore,
  part: StorePart,
  moments: TwoSidedMoments,
  maps: ReturnType<typeof canonicalMaps>,
  onRows: (rows: number) => Promise<void>,
): Promise<void> {
  const width = maps.correlations.length + 2;
  const sides = { images: new Uint16Array(part.rows * width), texts: new Uint16Array(part.rows * width) };
  let first = 0;
  for (const { rows, images, texts } of chunks(part)) {
    const matrix = (values: Float32Array): Matrix =>
      Matrix.from1DArray(rows, values.length / rows, [...values]);
    const aligned = {
      images: alignedRows(matrix(images), moments.imageMean, maps.imageMap, maps.correlations, 'image'),
      texts: alignedRows(matrix(texts), moments.textMean, maps.textMap, maps.correlations, 'text'),
    };
    // A row that cannot be used stays one: less the mean it would point somewhere.
    for (let i = 0; i < rows; i++)
      if (!isUsable(images, i, images.length / rows) || !isUsable(texts, i, texts.length / rows))
        for (const side of ['images', 'texts'] as const) aligned[side].fill(0, i * width, (i + 1) * width);
    for (const side of ['images', 'texts'] as const)
      for (let i = 0; i < aligned[side].length; i++)
        sides[side][first * width + i] = floatToHalf(aligned[side][i]!);
    first += rows;
    await onRows(rows);
  }
  const paths = partPaths(out, part.index, store.parts.length);
  for (const side of ['images', 'texts'] as const) {
    await mkdir(dirname(paths[side]), { recursive: true });
    await writeAside(paths[side], npyBytes(sides[side], width));
  }
  if (part.metadata === null) return;
  const metadata = part.metadata;
  await produceAside(paths.metadata, (aside) => copyFile(metadata, aside));
}
