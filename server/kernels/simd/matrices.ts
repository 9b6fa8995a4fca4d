/**
 * Loops over whole matrices of float64, as the evaluation of large classes runs them for every set of pairs. Lengths need
 * not be even; a sum has two lanes, whatever the machine.
 */

import { storePlaces } from './lanes';

/** into[i] += values[i], from float32. */
export function addFloats(into: usize, values: usize, count: i32): void {
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const x = v128.load(values + ((<usize>i) << 2));
    const at = into + ((<usize>i) << 3);
    v128.store(at, f64x2.add(v128.load(at), f64x2.promote_low_f32x4(x)));
    const high = f64x2.promote_low_f32x4(v128.shuffle<f32>(x, x, 2, 3, 2, 3));
    v128.store(at, f64x2.add(v128.load(at, 16), high), 16);
  }
  for (; i < count; i++) {
    const at = into + ((<usize>i) << 3);
    store<f64>(at, load<f64>(at) + <f64>load<f32>(values + ((<usize>i) << 2)));
  }
}

/** into[i] += values[i], of which `whole` leaves multiples of a step. */
export function addRounded(into: usize, values: usize, whole: f64, count: i32): void {
  const wholes = f64x2.splat(whole);
  let i = 0;
  for (; i + 2 <= count; i += 2) {
    const at = into + ((<usize>i) << 3);
    const x = f64x2.sub(f64x2.add(v128.load(values + ((<usize>i) << 3)), wholes), wholes);
    v128.store(at, f64x2.add(v128.load(at), x));
  }
  for (; i < count; i++) {
    const at = into + ((<usize>i) << 3);
    store<f64>(at, load<f64>(at) + (load<f64>(values + ((<usize>i) << 3)) + whole - whole));
  }
}

/** values[i] *= factor; Σ values[i]² of what they are then. */
export function scaleAndSquare(values: usize, factor: f64, count: i32): f64 {
  const factors = f64x2.splat(factor);
  let sum = f64x2.splat(0);
  let i = 0;
  for (; i + 2 <= count; i += 2) {
    const at = values + ((<usize>i) << 3);
    const x = f64x2.mul(v128.load(at), factors);
    v128.store(at, x);
    sum = f64x2.add(sum, f64x2.mul(x, x));
  }
  let square = f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
  for (; i < count; i++) {
    const at = values + ((<usize>i) << 3);
    const x = load<f64>(at) * factor;
    store<f64>(at, x);
    square += x * x;
  }
  return square;
}

/**
 * All that the sum of a set's pairs is for, in one way through memory: prefix += sum; into += sum + a·bᵀ + c·dᵀ, of which `whole`
 * leaves multiples of a step; ‖factor·prefix − rows·columnsᵀ − full‖² of what prefix is then. Matrices are [count, count],
 * `vectors` holds a, b, c, d, rows and columns, [count] each. T is f32 for a sum that is one product, f64 for more.
 */
function addPrefix<T>(
  sum: usize,
  prefix: usize,
  into: usize,
  full: usize,
  vectors: usize,
  whole: f64,
  factor: f64,
  count: i32,
): f64 {
  const stride = (<usize>count) << 3;
  const b = vectors + stride;
  const d = vectors + 3 * stride;
  const columns = vectors + 5 * stride;
  const wholes = f64x2.splat(whole);
  const factors = f64x2.splat(factor);
  let lanes = f64x2.splat(0);
  let square: f64 = 0;
  for (let r = 0; r < count; r++) {
    const own = vectors + ((<usize>r) << 3);
    const left = load<f64>(own);
    const right = load<f64>(own + 2 * stride);
    const row = load<f64>(own + 4 * stride);
    const lefts = f64x2.splat(left);
    const rights = f64x2.splat(right);
    const rows = f64x2.splat(row);
    const line = <usize>r * stride;
    const values = sum + (sizeof<T>() == 4 ? line >> 1 : line);
    let j = 0;
    for (; j + 2 <= count; j += 2) {
      const at = (<usize>j) << 3;
      const x =
        sizeof<T>() == 4
          ? f64x2.promote_low_f32x4(v128.load64_zero(values + (at >> 1)))
          : v128.load(values + at);
      const all = f64x2.add(v128.load(prefix + line + at), x);
      v128.store(prefix + line + at, all);
      const moved = f64x2.add(f64x2.mul(lefts, v128.load(b + at)), f64x2.mul(rights, v128.load(d + at)));
      const rounded = f64x2.sub(f64x2.add(f64x2.add(x, moved), wholes), wholes);
      v128.store(into + line + at, f64x2.add(v128.load(into + line + at), rounded));
      const near = f64x2.add(v128.load(full + line + at), f64x2.mul(rows, v128.load(columns + at)));
      const apart = f64x2.sub(f64x2.mul(factors, all), near);
      lanes = f64x2.add(lanes, f64x2.mul(apart, apart));
    }
    for (; j < count; j++) {
      const at = (<usize>j) << 3;
      const x = sizeof<T>() == 4 ? <f64>load<f32>(values + (at >> 1)) : load<f64>(values + at);
      const all = load<f64>(prefix + line + at) + x;
      store<f64>(prefix + line + at, all);
      const moved = left * load<f64>(b + at) + right * load<f64>(d + at);
      store<f64>(into + line + at, load<f64>(into + line + at) + (x + moved + whole - whole));
      const apart = factor * all - (load<f64>(full + line + at) + row * load<f64>(columns + at));
      square += apart * apart;
    }
  }
  return square + f64x2.extract_lane(lanes, 0) + f64x2.extract_lane(lanes, 1);
}

export function addPrefixFloat(
  sum: usize,
  prefix: usize,
  into: usize,
  full: usize,
  vectors: usize,
  whole: f64,
  factor: f64,
  count: i32,
): f64 {
  return addPrefix<f32>(sum, prefix, into, full, vectors, whole, factor, count);
}
export function addPrefixDouble(
  sum: usize,
  prefix: usize,
  into: usize,
  full: usize,
  vectors: usize,
  whole: f64,
  factor: f64,
  count: i32,
): f64 {
  return addPrefix<f64>(sum, prefix, into, full, vectors, whole, factor, count);
}

/** Where in values, float32 [count], something is above a limit: into `places`, and how many there are. */
export function above(values: usize, count: i32, limit: f32, places: usize): i32 {
  const limits = f32x4.splat(limit);
  let end = places;
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const mask = i32x4.bitmask(f32x4.gt(v128.load(values + ((<usize>i) << 2)), limits));
    if (mask !== 0) end = storePlaces(mask, 4, i, end);
  }
  for (; i < count; i++) {
    if (load<f32>(values + ((<usize>i) << 2)) <= limit) continue;
    store<i32>(end, i);
    end += 4;
  }
  return <i32>((end - places) >> 2);
}

/**
 * A row of the products of images and one of texts, float32 [count], multiplied element by element: `both` takes the results
 * and `byRow` has them added, float64 [count] each, and `sum` takes their sum, float64. Into `places` goes where
 * images[j] + lines[j], float32 too, is above a limit; how many there are.
 */
export function meetRow(
  images: usize,
  texts: usize,
  lines: usize,
  limit: f64,
  count: i32,
  both: usize,
  byRow: usize,
  sum: usize,
  places: usize,
): i32 {
  const limits = f64x2.splat(limit);
  let lanes = f64x2.splat(0);
  let end = places;
  let i = 0;
  for (; i + 2 <= count; i += 2) {
    const narrow = (<usize>i) << 2;
    const wide = (<usize>i) << 3;
    const v = f64x2.promote_low_f32x4(v128.load64_zero(images + narrow));
    const l = f64x2.promote_low_f32x4(v128.load64_zero(texts + narrow));
    const x = f64x2.mul(v, l);
    v128.store(both + wide, x);
    v128.store(byRow + wide, f64x2.add(v128.load(byRow + wide), x));
    lanes = f64x2.add(lanes, x);
    const line = f64x2.promote_low_f32x4(v128.load64_zero(lines + narrow));
    const mask = i64x2.bitmask(f64x2.gt(f64x2.add(v, line), limits));
    if (mask !== 0) end = storePlaces(mask, 2, i, end);
  }
  let rest: f64 = 0;
  for (; i < count; i++) {
    const narrow = (<usize>i) << 2;
    const wide = (<usize>i) << 3;
    const v = <f64>load<f32>(images + narrow);
    const x = v * <f64>load<f32>(texts + narrow);
    store<f64>(both + wide, x);
    store<f64>(byRow + wide, load<f64>(byRow + wide) + x);
    rest += x;
    if (v + <f64>load<f32>(lines + narrow) <= limit) continue;
    store<i32>(end, i);
    end += 4;
  }
  store<f64>(sum, rest + f64x2.extract_lane(lanes, 0) + f64x2.extract_lane(lanes, 1));
  return <i32>((end - places) >> 2);
}
