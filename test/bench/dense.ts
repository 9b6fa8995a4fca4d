import { openNpy, readNpyRows } from '../../server/embeddings/npy.js';
import { openStore } from '../../server/embeddings/store.js';

/**
 * The objective with the paper's default weights, and its plain greedy, written down once more for whole stores: every
 * gain of a class is kept up to date after every pick, nothing is lazy, bounded or skipped. O(n_k·d) a pick.
 */
export interface DenseStore {
  rows: number;
  dim: number;
  images: Float64Array;
  texts: Float64Array;
  labels: Int32Array;
  members: Int32Array[];
  /** a_e */
  attraction: Float64Array;
}

export function readDense(folder: string, classFile: string): DenseStore {
  const store = openStore(folder);
  const { rows, dim } = store;
  const images = new Float64Array(rows * dim);
  const texts = new Float64Array(rows * dim);
  for (const part of store.parts)
    for (const [matrix, target] of [
      [part.images, images],
      [part.texts, texts],
    ] as const) {
      const values = new Float32Array(part.rows * dim);
      readNpyRows(matrix, 0, values);
      target.set(values, part.firstRow * dim);
    }
  const classMatrix = openNpy(classFile);
  const values = new Float32Array(classMatrix.rows * dim);
  readNpyRows(classMatrix, 0, values);
  const classes = Float64Array.from(values);
  for (const matrix of [images, texts, classes]) unitRows(matrix, dim);
  const labels = Int32Array.from({ length: rows }, (_, row) => nearest(images, row, classes, dim));
  const members = Array.from({ length: classMatrix.rows }, (_, k) =>
    Int32Array.from(labels.keys()).filter((row) => labels[row] === k),
  );
  const dense = { rows, dim, images, texts, labels, members, attraction: new Float64Array(rows) };
  score(dense, classes);
  return dense;
}

function unitRows(matrix: Float64Array, dim: number): void {
  for (let at = 0; at < matrix.length; at += dim) {
    let square = 0;
    for (let j = 0; j < dim; j++) square += matrix[at + j]! ** 2;
    for (let j = 0; j < dim; j++) matrix[at + j]! /= Math.sqrt(square);
  }
}

function dot(a: Float64Array, i: number, b: Float64Array, j: number, dim: number): number {
  let sum = 0;
  for (let c = 0, p = i * dim, q = j * dim; c < dim; c++, p++, q++) sum += a[p]! * b[q]!;
  return sum;
}

function nearest(images: Float64Array, row: number, classes: Float64Array, dim: number): number {
  let best = 0;
  let highest = -Infinity;
  for (let k = 0; k < classes.length / dim; k++) {
    const score = dot(images, row, classes, k, dim);
    if (score > highest) [best, highest] = [k, score];
  }
  return best;
}

function score(dense: DenseStore, classes: Float64Array): void {
  const { dim, images, texts, labels, members, attraction } = dense;
  const sums = members.map((rows) => [columnSum(images, rows, dim), columnSum(texts, rows, dim)] as const);
  const live = members.filter((rows) => rows.length).length;
  const centres = [0, 1].map((side) => {
    const total = new Float64Array(dim);
    members.forEach((rows, k) => {
      if (rows.length) sums[k]![side]!.forEach((value, j) => (total[j]! += value / rows.length));
    });
    return total;
  });
  for (let e = 0; e < dense.rows; e++) {
    const k = labels[e]!;
    const size = members[k]!.length;
    let cross = 0;
    let inter = 0;
    for (let j = 0, p = e * dim; j < dim; j++, p++) {
      const [imageSum, textSum] = [sums[k]![0][j]!, sums[k]![1][j]!];
      cross += (images[p]! * textSum + texts[p]! * imageSum) / size;
      inter +=
        images[p]! * (centres[1]![j]! - textSum / size) + texts[p]! * (centres[0]![j]! - imageSum / size);
    }
    const self = dot(images, e, texts, e, dim);
    attraction[e] = cross + 2 * self + dot(texts, e, classes, k, dim) / 2 - inter / Math.max(1, live - 1);
  }
}

function columnSum(matrix: Float64Array, rows: Int32Array, dim: number): Float64Array {
  const sum = new Float64Array(dim);
  for (const row of rows) for (let j = 0; j < dim; j++) sum[j]! += matrix[row * dim + j]!;
  return sum;
}

/** F(S) with λ = 1, β = 0. */
export function denseObjective(
  { dim, images, texts, labels, members, attraction }: DenseStore,
  picks: Iterable<number>,
): number {
  let value = 0;
  const picked: number[][] = members.map(() => []);
  for (const row of picks) {
    value += attraction[row]!;
    picked[labels[row]!]!.push(row);
  }
  picked.forEach((rows, k) => {
    if (!rows.length) return;
    const [image, text] = [
      columnSum(images, Int32Array.from(rows), dim),
      columnSum(texts, Int32Array.from(rows), dim),
    ];
    // ½ Σ_{i,j∈S_k} c(i,j) = ⟨Σv, Σl⟩
    value -= dot(image, 0, text, 0, dim) / members[k]!.length;
  });
  return value;
}

/** Plain greedy: the best gain of all pairs, then every gain of its class lowered by what the pick took. */
export function denseGreedy(dense: DenseStore, budget: number): number[] {
  const { dim, images, texts, labels, members, attraction } = dense;
  const gains = attraction.map(
    (value, e) => value - dot(images, e, texts, e, dim) / members[labels[e]!]!.length,
  );
  const best = members.map((rows) => bestOf(rows, gains));
  const picks: number[] = [];
  while (picks.length < budget) {
    const head = best.reduce(
      (top, row) =>
        row >= 0 && (top < 0 || gains[row]! > gains[top]! || (gains[row] === gains[top] && row < top))
          ? row
          : top,
      -1,
    );
    const k = labels[head]!;
    picks.push(head);
    gains[head] = -Infinity;
    for (const e of members[k]!)
      if (gains[e]! > -Infinity)
        gains[e]! -=
          (dot(images, e, texts, head, dim) + dot(images, head, texts, e, dim)) / members[k]!.length;
    best[k] = bestOf(members[k]!, gains);
  }
  return picks;
}

function bestOf(rows: Int32Array, gains: Float64Array): number {
  let best = -1;
  for (const row of rows) if (gains[row]! > -Infinity && (best < 0 || gains[row]! > gains[best]!)) best = row;
  return best;
}
