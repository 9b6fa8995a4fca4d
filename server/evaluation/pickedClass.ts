/** Which pairs of a class the sets hold, and where they lie. Set 0 is all pairs, the others are prefixes of orders. */
export interface PickedClass {
  size: number;
  /** μ_v and μ_l of the class, [dim]. */
  imageMean: Float64Array;
  textMean: Float64Array;
  /** self_e of each pair. */
  scores: Float64Array;
  /** ⟨v_e, μ_v⟩ of each pair. */
  towardsMean: Float64Array;
  orders: PickedOrder[];
  /** |S_k| of each set. */
  counts: Int32Array;
  /** Of each set, how many pairs it adds to the one before it. */
  added: Int32Array;
  /** ‖δ_v‖ and ‖δ_l‖ of each set. */
  imageDistances: Float64Array;
  textDistances: Float64Array;
}

/** An order's picks in a class. */
export interface PickedOrder {
  /** The set that its first prefix is. */
  firstSet: number;
  prefixes: number;
  /** The pairs that each prefix adds to the one before it, ascending. */
  fresh: Int32Array[];
}

/** 0, 1, … or as many numbers from another on. */
export function ascending(count: number, from = 0): Int32Array {
  const numbers = new Int32Array(count);
  for (let i = 0; i < count; i++) numbers[i] = from + i;
  return numbers;
}
