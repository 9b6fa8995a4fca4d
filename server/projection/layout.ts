import type { Random } from '../selection/random.js';
import type { FuzzyGraph } from './fuzzyGraph.js';

/** Of 1/(1 + a·d^2b), which is UMAP's curve for a least distance of 0.1. */
const [A, B] = [1.5769434603, 0.8950608779];
const NEGATIVES = 5;
/** No step is longer in either direction. */
const LONGEST = 4;

/** Epochs that a layout of so many points takes: few points need more to settle. */
export function epochsFor(points: number): number {
  return points > 5000 ? 200 : 400;
}

/**
 * UMAP's layout: points that are tied attract each other, in each epoch as often as their tie is strong, and points drawn
 * at random are pushed away. Moves `positions`, [points, 2], in place; the same bits for the same start and seed.
 */
export async function layOut(
  positions: Float64Array,
  { heads, tails, weights }: FuzzyGraph,
  random: Random,
  onEpoch: (done: number, total: number) => Promise<void>,
): Promise<void> {
  const points = positions.length / 2;
  const epochs = epochsFor(points);
  let strongest = 0;
  for (const weight of weights) strongest = Math.max(strongest, weight);
  // Every how many epochs a tie acts; weaker ones than once in all never do.
  const every = Float64Array.from(weights, (weight) => strongest / weight);
  const due = every.slice();
  for (let epoch = 0; epoch < epochs; epoch++) {
    const rate = 1 - epoch / epochs;
    for (let edge = 0; edge < due.length; edge++) {
      if (due[edge]! > epoch) continue;
      due[edge]! += every[edge]!;
      const head = 2 * heads[edge]!;
      attract(positions, head, 2 * tails[edge]!, rate);
      for (let n = 0; n < NEGATIVES; n++) {
        const other = 2 * random.below(points);
        if (other !== head) repel(positions, head, other, rate);
      }
    }
    await onEpoch(epoch + 1, epochs);
  }
}

function attract(positions: Float64Array, head: number, tail: number, rate: number): void {
  const dx = positions[head]! - positions[tail]!;
  const dy = positions[head + 1]! - positions[tail + 1]!;
  const square = dx * dx + dy * dy;
  if (square === 0) return;
  const power = Math.pow(square, B - 1);
  const pull = (-2 * A * B * power) / (A * power * square + 1);
  const [x, y] = [rate * clipped(pull * dx), rate * clipped(pull * dy)];
  positions[head]! += x;
  positions[head + 1]! += y;
  positions[tail]! -= x;
  positions[tail + 1]! -= y;
}

function repel(positions: Float64Array, head: number, other: number, rate: number): void {
  const dx = positions[head]! - positions[other]!;
  const dy = positions[head + 1]! - positions[other + 1]!;
  const square = dx * dx + dy * dy;
  const push = (2 * B) / ((0.001 + square) * (A * Math.pow(square, B) + 1));
  positions[head]! += rate * (square > 0 ? clipped(push * dx) : LONGEST);
  positions[head + 1]! += rate * (square > 0 ? clipped(push * dy) : LONGEST);
}

function clipped(step: number): number {
  return Math.max(-LONGEST, Math.min(LONGEST, step));
}
