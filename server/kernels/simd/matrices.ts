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

/** ‖factor·sum − rows·columnsᵀ − full‖²; sum and full are [count, count], rows and columns [count]. */
export function squaredDistance(
  sum: usize,
  factor: f64,
  rows: usize,
  columns: usize,
  full: usize,
  count: i32,
): f64 {
  const factors = f64x2.splat(factor);
  let lanes = f64x2.splat(0);
  let square: f64 = 0;
  for (let r = 0; r < count; r++) {
    const row = load<f64>(rows + ((<usize>r) << 3));
    const all = f64x2.splat(row);
    const own = (<usize>(r * count)) << 3;
    let j = 0;
    for (; j + 2 <= count; j += 2) {
      const at = (<usize>j) << 3;
      const near = f64x2.add(v128.load(full + own + at), f64x2.mul(all, v128.load(columns + at)));
      const x = f64x2.sub(f64x2.mul(factors, v128.load(sum + own + at)), near);
      lanes = f64x2.add(lanes, f64x2.mul(x, x));
    }
    for (; j < count; j++) {
      const at = (<usize>j) << 3;
      const x =
        factor * load<f64>(sum + own + at) - (load<f64>(full + own + at) + row * load<f64>(columns + at));
      square += x * x;
    }
  }
  return square + f64x2.extract_lane(lanes, 0) + f64x2.extract_lane(lanes, 1);
}

/** matrix[i, j] += a[i]·b[j] + c[i]·d[j]; the matrix is [count, count], the vectors [count]. */
export function addTwoProducts(matrix: usize, a: usize, b: usize, c: usize, d: usize, count: i32): void {
  for (let r = 0; r < count; r++) {
    const left = load<f64>(a + ((<usize>r) << 3));
    const right = load<f64>(c + ((<usize>r) << 3));
    const lefts = f64x2.splat(left);
    const rights = f64x2.splat(right);
    const row = matrix + ((<usize>(r * count)) << 3);
    let j = 0;
    for (; j + 2 <= count; j += 2) {
      const at = (<usize>j) << 3;
      const x = f64x2.add(f64x2.mul(lefts, v128.load(b + at)), f64x2.mul(rights, v128.load(d + at)));
      v128.store(row + at, f64x2.add(v128.load(row + at), x));
    }
    for (; j < count; j++) {
      const at = (<usize>j) << 3;
      const x = left * load<f64>(b + at) + right * load<f64>(d + at);
      store<f64>(row + at, load<f64>(row + at) + x);
    }
  }
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
