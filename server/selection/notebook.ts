import { Heap } from './heap.js';
import type { Products } from './products.js';
import { eachRowTerms } from './rowTerms.js';
import type { SelectionInput, SelectionOrder } from './selectionInput.js';
import { unitPairs } from './unitRows.js';

type PositiveSums = Products['positiveSums'];

const BLOCK_ROWS = 1024;
const REFRESH_EVERY = 200;

/** The notebook's weights; a run's own weights do not touch it. */
const WEIGHTS = { cross: 1, self: 2, label: 0.5, inter: 1, redundancy: 1, balance: 0 };

/** A class while it is picked from; columns are in the order of its rows. */
interface NotebookClass {
  rows: Int32Array;
  cross: Float64Array;
  label: Float64Array;
  /** What is ranked by: static scores, less the deductions so far. */
  scores: Float64Array;
  /** Positions that are not picked yet, best last. */
  queue: Int32Array;
  taken: number;
  /** Σ cross over all picks of the class. */
  takenCross: number;
  /** Positions picked since the last refresh. */
  fresh: number[];
}

/**
 * The procedure of the notebook released with ClipCov (arXiv 2403.12267; method.md, "Objective"), as a peer to compare
 * with. Pairs are taken in the order of cross + 2·self + ½·label − inter, where similarities below 0 count as 0 in
 * cross; equal scores go to the highest row, as the end of a stable ascending sort does. When a class is one pick short
 * of a multiple of `refreshEvery`, all of its pairs e lose, each divided by n_k:
 *
 * - Σ max(0, ⟨v_e,l_j⟩) + max(0, ⟨v_j,l_e⟩) over the picks j since its last refresh,
 * - Σ cross_j over all of its picks so far, those deducted before included,
 * - ½ Σ label_j over the picks since its last refresh.
 *
 * Where the notebook keeps the similarities of every class (Σ n_k² numbers), this sums blocks and drops them; a refresh
 * compares a class with its new picks alone, O(n_k·d) a pick. Between refreshes the order of a class stands still, so
 * the best pair of all is the best head of a class.
 */
export async function selectNotebook(
  input: SelectionInput,
  refreshEvery = REFRESH_EVERY,
): Promise<SelectionOrder> {
  const { members, budget, table } = input;
  const sums: PositiveSums = (left, right) => input.products.positiveSums(left, right);
  const classes: NotebookClass[] = [];
  let done = 0;
  for (const [k, rows] of members.entries()) {
    await input.checkpoint(done, 2 * table.rows);
    done += rows.length;
    if (rows.length) classes.push(await scoreClass(input, k, sums));
  }
  const head = (at: number): number => classes[at]!.queue.at(-1)!;
  const heads = new Heap(
    Float64Array.from(classes, ({ scores }, at) => scores[head(at)]!),
    (a, b) => classes[a]!.rows[head(a)]! > classes[b]!.rows[head(b)]!,
  );
  const picks = new Int32Array(budget);
  const gains = new Float64Array(budget);
  for (let i = 0; i < budget; i++) {
    const best = classes[heads.top()]!;
    const e = head(heads.top());
    picks[i] = best.rows[e]!;
    gains[i] = best.scores[e]!;
    best.queue = best.queue.subarray(0, -1);
    best.taken++;
    best.takenCross += best.cross[e]!;
    best.fresh.push(e);
    if ((best.taken + 1) % refreshEvery === 0) {
      await input.checkpoint(Math.round(table.rows * (1 + i / budget)), 2 * table.rows);
      await refresh(best, input, sums);
    }
    if (best.queue.length) heads.changeTop(best.scores[head(heads.top())]!);
    else heads.pop();
  }
  return { rows: picks, gains };
}

async function scoreClass(input: SelectionInput, k: number, sums: PositiveSums): Promise<NotebookClass> {
  const rows = input.members[k]!;
  const cross = await positiveCross(input, rows, sums);
  const label = new Float64Array(rows.length);
  const scores = cross.slice();
  let e = 0;
  await eachRowTerms(input, k, rows, WEIGHTS, (terms) => {
    label[e] = terms.label;
    scores[e]! += 2 * terms.self + terms.label / 2 - terms.inter;
    e++;
  });
  const queue = rows.map((_, position) => position);
  sortByScore(queue, scores);
  return { rows, cross, label, scores, queue, taken: 0, takenCross: 0, fresh: [] };
}

function sortByScore(queue: Int32Array, scores: Float64Array): void {
  queue.sort((a, b) => scores[a]! - scores[b]! || a - b);
}

/** (1/n_k) Σ_i max(0, ⟨v_i,l_e⟩) + max(0, ⟨v_e,l_i⟩) of every pair e of a class. */
async function positiveCross(
  { table, check }: SelectionInput,
  rows: Int32Array,
  sums: PositiveSums,
): Promise<Float64Array> {
  const cross = new Float64Array(rows.length);
  const add = (values: Float64Array, first: number): void =>
    values.forEach((value, i) => (cross[first + i]! += value / rows.length));
  for (let first = 0; first < rows.length; first += BLOCK_ROWS) {
    const { images } = unitPairs(table, rows.subarray(first, first + BLOCK_ROWS));
    for (let other = 0; other < rows.length; other += BLOCK_ROWS) {
      check();
      const { texts } = unitPairs(table, rows.subarray(other, other + BLOCK_ROWS));
      const { ofLeft, ofRight } = await sums(images, texts);
      add(ofLeft, first);
      add(ofRight, other);
    }
  }
  return cross;
}

/** Takes the deductions off the pairs that are left and sorts them again. */
async function refresh(
  own: NotebookClass,
  { table, check }: SelectionInput,
  sums: PositiveSums,
): Promise<void> {
  const { rows, scores, fresh, label } = own;
  const size = rows.length;
  const picked = unitPairs(
    table,
    fresh.map((e) => rows[e]!),
  );
  const labels = fresh.reduce((sum, e) => sum + label[e]!, 0);
  const shared = own.takenCross / size + labels / 2 / size;
  for (let first = 0; first < own.queue.length; first += BLOCK_ROWS) {
    check();
    const left = own.queue.subarray(first, first + BLOCK_ROWS);
    const pairs = unitPairs(
      table,
      left.map((e) => rows[e]!),
    );
    const asImage = (await sums(pairs.images, picked.texts)).ofLeft;
    const asText = (await sums(pairs.texts, picked.images)).ofLeft;
    left.forEach((e, i) => (scores[e]! -= (asImage[i]! + asText[i]!) / size + shared));
  }
  own.queue = own.queue.slice();
  sortByScore(own.queue, scores);
  own.fresh = [];
}
