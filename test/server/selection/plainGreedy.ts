import type { EmbeddingTable } from '../../../server/rows/pairBlock.js';
import type { Weights } from '../../../server/protocol/selection.js';

/**
 * The objective of method.md written down as it stands, with the dense similarity matrix of every class: what the
 * fast engine is held against. O(n·B) picks over O(Σ n_k²) numbers.
 */
export interface PlainProblem {
  images: number[][];
  texts: number[][];
  labels: Int32Array;
  classes: number;
  classEmbeddings: number[][] | null;
  weights: Weights;
}

export interface PlainPick {
  row: number;
  gain: number;
}

const dot = (a: number[], b: number[]): number => a.reduce((sum, x, j) => sum + x * b[j]!, 0);
const unit = (row: number[]): number[] => row.map((x) => x / Math.sqrt(dot(row, row)));
const mean = (rows: number[][]): number[] =>
  rows[0]!.map((_, j) => rows.reduce((s, r) => s + r[j]!, 0) / rows.length);

export class PlainObjective {
  readonly rows: number[];
  private readonly members: number[][];
  private readonly images: number[][];
  private readonly texts: number[][];
  readonly attraction: number[] = [];
  private readonly balanceWeight: number[] = [];

  constructor(private readonly problem: PlainProblem) {
    this.images = problem.images.map(unit);
    this.texts = problem.texts.map(unit);
    this.rows = [...problem.labels.keys()].filter((row) => problem.labels[row]! >= 0);
    this.members = Array.from({ length: problem.classes }, (_, k) =>
      this.rows.filter((row) => problem.labels[row] === k),
    );
    this.score();
  }

  /** c(i,j) */
  similarity(i: number, j: number): number {
    return dot(this.images[i]!, this.texts[j]!) + dot(this.images[j]!, this.texts[i]!);
  }

  private score(): void {
    const { labels, classEmbeddings, weights } = this.problem;
    const live = this.members.flatMap((rows, k) => (rows.length ? [k] : []));
    const centres = new Map(
      live.map((k) => [
        k,
        {
          image: mean(this.members[k]!.map((i) => this.images[i]!)),
          text: mean(this.members[k]!.map((i) => this.texts[i]!)),
        },
      ]),
    );
    const toBalance: number[][] = this.members.map(() => []);
    for (const e of this.rows) {
      const k = labels[e]!;
      const own = this.members[k]!;
      const cross = own.reduce((sum, i) => sum + this.similarity(i, e), 0) / own.length;
      const self = dot(this.images[e]!, this.texts[e]!);
      const label = classEmbeddings ? dot(this.texts[e]!, unit(classEmbeddings[k]!)) : 0;
      const others = live.filter((other) => other !== k).map((other) => centres.get(other)!);
      const inter = others.length
        ? others.reduce((s, c) => s + dot(this.images[e]!, c.text) + dot(this.texts[e]!, c.image), 0) /
          others.length
        : 0;
      this.attraction[e] =
        weights.cross * cross + weights.self * self + weights.label * label - weights.inter * inter;
      toBalance[k]!.push(cross + label / 2);
    }
    toBalance.forEach((values, k) => {
      this.balanceWeight[k] = values.reduce((a, b) => a + b, 0) / Math.max(values.length, 1);
    });
  }

  /** F(S) */
  value(subset: number[]): number {
    const { labels, weights } = this.problem;
    let value = subset.reduce((sum, e) => sum + this.attraction[e]!, 0);
    this.members.forEach((own, k) => {
      const picked = subset.filter((e) => labels[e] === k);
      if (!picked.length) return;
      const pairs = picked.reduce((sum, i) => sum + picked.reduce((s, j) => s + this.similarity(i, j), 0), 0);
      value -= ((weights.redundancy / 2) * pairs) / own.length;
      value -= ((weights.balance / 2) * this.balanceWeight[k]! * picked.length ** 2) / own.length;
    });
    return value;
  }

  /** F(S ∪ {e}) − F(S), written out. */
  gain(subset: number[], e: number): number {
    const { labels, weights } = this.problem;
    const k = labels[e]!;
    const size = this.members[k]!.length;
    const picked = subset.filter((j) => labels[j] === k);
    const similar = picked.reduce((sum, j) => sum + this.similarity(e, j), 0);
    return (
      this.attraction[e]! -
      (weights.redundancy / size) * (similar + this.similarity(e, e) / 2) -
      (weights.balance * this.balanceWeight[k]! * (2 * picked.length + 1)) / (2 * size)
    );
  }

  /** Plain greedy, ties to the lowest row. */
  greedy(budget: number): PlainPick[] {
    const order: PlainPick[] = [];
    while (order.length < budget) {
      const subset = order.map((pick) => pick.row);
      let best: PlainPick | null = null;
      for (const row of this.rows) {
        if (subset.includes(row)) continue;
        const gain = this.gain(subset, row);
        if (best === null || gain > best.gain) best = { row, gain };
      }
      if (best === null) break;
      order.push(best);
    }
    return order;
  }
}

export function tableOf(images: number[][], texts: number[][]): EmbeddingTable {
  const dim = images[0]?.length ?? 1;
  const scale = (rows: number[][]): Float64Array =>
    Float64Array.from(rows, (row) => 1 / Math.sqrt(dot(row, row)));
  return {
    rows: images.length,
    dim,
    images: Float32Array.from(images.flat()),
    texts: Float32Array.from(texts.flat()),
    imageScale: scale(images),
    textScale: scale(texts),
  };
}
