import type { SamplePairs } from './productInput.js';
import { dot, unit } from './samples.js';

const sum = (values: number[]): number => values.reduce((a, b) => a + b, 0);

/** The script `test/bench/peer/notebook_procedure.py` line by line, dense matrices and all. */
export function plainNotebook(pairs: SamplePairs, budget: number, refreshEvery: number): number[] {
  const V = pairs.images.map(unit);
  const L = pairs.texts.map(unit);
  const T = pairs.classEmbeddings!.map(unit);
  const lab = pairs.labels;
  const part = T.map((_, k) => lab.flatMap((label, row) => (label === k ? [row] : [])));
  const all = part.flat().sort((a, b) => a - b);
  const positive = (i: number, j: number): number => Math.max(0, dot(V[i]!, L[j]!));
  const blocks = part.map((p) => p.map((i) => p.map((j) => positive(i, j))));
  const position = new Map(part.flatMap((p) => p.map((row, at) => [row, at] as const)));
  const mean = (X: number[][], p: number[]): number[] =>
    X[0]!.map((_, j) => (p.length ? sum(p.map((row) => X[row]![j]!)) / p.length : 0));
  const live = part.filter((p) => p.length).length;
  const [cv, cl] = [part.map((p) => mean(V, p)), part.map((p) => mean(L, p))];
  const others = (centres: number[][], k: number): number[] =>
    centres[0]!.map((_, j) => sum(centres.map((centre) => centre[j]!)) - centres[k]![j]!);
  const cross: number[] = [];
  const label: number[] = [];
  const scores: number[] = [];
  for (const e of all) {
    const k = lab[e]!;
    const M = blocks[k]!;
    const at = position.get(e)!;
    cross[e] = (sum(M[at]!) + sum(M.map((row) => row[at]!))) / M.length;
    label[e] = dot(L[e]!, T[k]!);
    const inter = (dot(V[e]!, others(cl, k)) + dot(L[e]!, others(cv, k))) / Math.max(live - 1, 1);
    scores[e] = cross[e]! + 2 * dot(V[e]!, L[e]!) + label[e]! / 2 - inter;
  }
  const subset: number[] = [];
  const taken: number[][] = T.map(() => []);
  const fresh: number[][] = T.map(() => []);
  const argsort = (): number[] =>
    all
      .slice()
      .sort((a, b) => scores[a]! - scores[b]!)
      .filter((row) => Number.isFinite(scores[row]!));
  let order = argsort();
  while (order.length && subset.length < budget) {
    const e = order.pop()!;
    const k = lab[e]!;
    const n = part[k]!.length;
    subset.push(e);
    taken[k]!.push(e);
    fresh[k]!.push(e);
    if ((taken[k]!.length + 1) % refreshEvery !== 0) continue;
    const shared =
      sum(taken[k]!.map((row) => cross[row]!)) / n + sum(fresh[k]!.map((row) => label[row]!)) / 2 / n;
    for (const row of part[k]!) {
      const similar = fresh[k]!.map((c) => {
        const [at, picked] = [position.get(row)!, position.get(c)!];
        return blocks[k]![at]![picked]! + blocks[k]![picked]![at]!;
      });
      scores[row]! -= sum(similar) / n + shared;
    }
    for (const row of subset) scores[row] = -Infinity;
    order = argsort();
    fresh[k] = [];
  }
  return subset;
}
