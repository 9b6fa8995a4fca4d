/** Loops over products in bytes, by which near-duplicates are looked for; see `evaluation/repeatBounds.ts`. */

import { storePlaces } from './lanes';

/**
 * Some coordinates of a row of float32 in steps, for either side of a product in bytes: left[c] = 128 + q with q = round(x·
 * leftSteps) within ±127, and right[c·stride] = round(x·rightSteps) within ±63. `out` takes Σ x², and Σ (x − x̂)² of the x̂
 * that the left and the right steps stand for, in float64.
 */
export function roundForBoth(
  row: usize,
  coordinates: usize,
  count: i32,
  leftSteps: f32,
  rightSteps: f32,
  left: usize,
  right: usize,
  stride: i32,
  out: usize,
): void {
  const leftStep = <f32>1 / leftSteps;
  const rightStep = <f32>1 / rightSteps;
  let own: f64 = 0;
  let leftLost: f64 = 0;
  let rightLost: f64 = 0;
  for (let c = 0; c < count; c++) {
    const x = load<f32>(row + ((<usize>load<i32>(coordinates + ((<usize>c) << 2))) << 2));
    const l = max<f32>(-127, min<f32>(127, nearest(x * leftSteps)));
    const r = max<f32>(-63, min<f32>(63, nearest(x * rightSteps)));
    store<u8>(left + <usize>c, <u8>(<i32>l + 128));
    store<i8>(right + <usize>(c * stride), <i8>(<i32>r));
    const leftRest = <f64>(x - l * leftStep);
    const rightRest = <f64>(x - r * rightStep);
    own += <f64>x * <f64>x;
    leftLost += leftRest * leftRest;
    rightLost += rightRest * rightRest;
  }
  store<f64>(out, own);
  store<f64>(out, leftLost, 8);
  store<f64>(out, rightLost, 16);
}

/**
 * Where unit·products[i] + rest·rests[i] + offsets[i] is above a limit, of whole numbers of 32 bits and of float32, [count]
 * each: into `places`, and how many there are.
 */
export function boundsAbove(
  products: usize,
  unit: f32,
  rest: f32,
  rests: usize,
  offsets: usize,
  count: i32,
  limit: f32,
  places: usize,
): i32 {
  const units = f32x4.splat(unit);
  const own = f32x4.splat(rest);
  const limits = f32x4.splat(limit);
  let end = places;
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const at = (<usize>i) << 2;
    const product = f32x4.mul(units, f32x4.convert_i32x4_s(v128.load(products + at)));
    const others = f32x4.add(f32x4.mul(own, v128.load(rests + at)), v128.load(offsets + at));
    const mask = i32x4.bitmask(f32x4.gt(f32x4.add(product, others), limits));
    if (mask !== 0) end = storePlaces(mask, 4, i, end);
  }
  for (; i < count; i++) {
    const at = (<usize>i) << 2;
    const others = rest * load<f32>(rests + at) + load<f32>(offsets + at);
    if (unit * <f32>load<i32>(products + at) + others <= limit) continue;
    store<i32>(end, i);
    end += 4;
  }
  return <i32>((end - places) >> 2);
}
