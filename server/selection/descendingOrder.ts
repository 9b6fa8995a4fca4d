const BINS = 4096;

/**
 * Positions of `keys` roughly by descending key: in 4,096 equal steps from the largest to the smallest, in their order
 * within a step. One pass instead of a sort, for estimates; nothing exact rests on it.
 */
export function descendingOrder(keys: Float64Array): Int32Array {
  const count = keys.length;
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < count; i++) {
    low = Math.min(low, keys[i]!);
    high = Math.max(high, keys[i]!);
  }
  // A quotient, not a product with the range's inverse: that of a range of subnormal numbers is infinite.
  const range = high > low ? high - low : 1;
  const starts = new Int32Array(BINS + 1);
  const bins = new Uint16Array(count);
  for (let i = 0; i < count; i++) {
    bins[i] = ((high - keys[i]!) / range) * (BINS - 1);
    starts[bins[i]! + 1]!++;
  }
  for (let bin = 0; bin < BINS; bin++) starts[bin + 1]! += starts[bin]!;
  const order = new Int32Array(count);
  for (let i = 0; i < count; i++) order[starts[bins[i]!]!++] = i;
  return order;
}
