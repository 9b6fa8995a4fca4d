import { selectClipcov } from './clipcov.js';
import { rowsByClass } from './latentClasses.js';
import { halfOf, type SelectionInput, type SelectionOrder } from './selectionInput.js';
import { eachRowTerms } from './rowTerms.js';
import { balanceWeight } from './terms.js';
import { unitPairs } from './unitRows.js';

/**
 * ClipCov with its second step: F is not monotone, so some picks may cost more than they bring once the others are there.
 * Deterministic double greedy (Buchbinder et al.) over the picks, class by class, since classes do not interact: an empty
 * set grows and the picked set shrinks towards each other, each pair going where it brings more; of each class the better
 * of both is kept. It may return fewer than the budget, and smaller budgets are no prefixes of it.
 */
export async function selectPruned(input: SelectionInput): Promise<SelectionOrder> {
  const order = await selectClipcov(halfOf(input, 0));
  const { checkpoint } = halfOf(input, 1);
  const gains = new Map<number, number>();
  const classes = rowsByClass(input.labels, input.context.sums.classes, order.rows);
  for (const [k, picked] of classes.entries()) {
    await checkpoint(k, classes.length);
    if (picked.length === 0) continue;
    const objective = await classObjective(input, k, picked);
    const kept = doubleGreedy(objective);
    const set = objective.empty();
    for (const e of objective.value(kept) > objective.value(objective.all()) ? kept : objective.all()) {
      gains.set(picked[e]!, set.gain(e));
      set.add(e);
    }
  }
  const rows = order.rows.filter((row) => gains.has(row));
  return { rows, gains: Float64Array.from(rows, (row) => gains.get(row)!) };
}

/** F of one class over positions of its picked pairs, in the order they were picked. */
interface ClassObjective {
  empty(): GrowingSet;
  all(): number[];
  value(positions: number[]): number;
}

/** A set of positions with the gain of one more; `remove` takes one out again. */
interface GrowingSet {
  gain(e: number): number;
  add(e: number): void;
  remove(e: number): void;
}

function doubleGreedy(objective: ClassObjective): number[] {
  const grown = objective.empty();
  const shrunk = objective.empty();
  const kept: number[] = [];
  for (const e of objective.all()) shrunk.add(e);
  for (const e of objective.all()) {
    shrunk.remove(e);
    if (grown.gain(e) >= -shrunk.gain(e)) {
      kept.push(e);
      grown.add(e);
      shrunk.add(e);
    }
  }
  return kept;
}

async function classObjective(input: SelectionInput, k: number, rows: Int32Array): Promise<ClassObjective> {
  const { table, context, weights } = input;
  const { dim } = table;
  const attraction: number[] = [];
  const self: number[] = [];
  await eachRowTerms(input, k, rows, weights, (terms) => {
    attraction.push(terms.attraction);
    self.push(terms.self);
  });
  const unit = unitPairs(table, rows);
  const size = context.sums.counts[k]!;
  const balance = weights.balance * balanceWeight(k, context);
  const empty = (): GrowingSet => {
    const sum = { images: new Float64Array(dim), texts: new Float64Array(dim) };
    let count = 0;
    const addTimes = (e: number, times: number): void => {
      count += times;
      for (let j = 0, at = e * dim; j < dim; j++, at++) {
        sum.images[j]! += times * unit.images[at]!;
        sum.texts[j]! += times * unit.texts[at]!;
      }
    };
    return {
      gain(e) {
        let similarity = self[e]!;
        for (let j = 0, at = e * dim; j < dim; j++, at++)
          similarity += unit.images[at]! * sum.texts[j]! + unit.texts[at]! * sum.images[j]!;
        return (
          attraction[e]! - (weights.redundancy / size) * similarity - (balance * (2 * count + 1)) / (2 * size)
        );
      },
      add: (e) => addTimes(e, 1),
      remove: (e) => addTimes(e, -1),
    };
  };
  return {
    empty,
    all: () => [...rows.keys()],
    value(positions) {
      const set = empty();
      let value = 0;
      for (const e of positions) {
        value += set.gain(e);
        set.add(e);
      }
      return value;
    },
  };
}
