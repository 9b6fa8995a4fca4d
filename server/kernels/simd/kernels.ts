/**
 * The inner loops of the selection in WebAssembly SIMD (AssemblyScript). A row lies in memory as it is stored: T is u16
 * for half-precision patterns, f32 for float32. Sums and products are float64: every product of two row values is exact
 * in it, and the order of each sum is fixed, so results are the same on every machine. Pointers are bytes into the
 * instance's memory; lengths need not be multiples of four.
 */

export {
  above,
  addFloats,
  addPrefixDouble,
  addPrefixFloat,
  addRounded,
  meetRow,
  scaleAndSquare,
} from './matrices';
export { boundsAbove, roundForBoth } from './bounds';
export { countAtLeast, reduce, reflectBack, takeAway, timesVector } from './decompositions';
import { addTo, total, total4, upper } from './lanes';

/**
 * Four values of a row from `i` on, as float32. Exact for finite ones, subnormals included; half precision's infinities
 * and NaN become large numbers: only `square`, by which rows are told usable, needs to know them.
 */
function load4<T>(row: usize, i: i32): v128 {
  if (sizeof<T>() == 4) return v128.load(row + ((<usize>i) << 2));
  // The sign stays at the top, the rest moves into float32's fields, where it is too small by 2^112.
  const moved = i32x4.shl(v128.load_ext<i16>(row + ((<usize>i) << 1)), 13);
  return f32x4.mul(v128.and(moved, i32x4.splat(0x8fffffff)), i32x4.splat(0x77800000));
}

/** The value of a row at `i`, likewise. */
function load1<T>(row: usize, i: i32): f32 {
  if (sizeof<T>() == 4) return load<f32>(row + ((<usize>i) << 2));
  const moved = (<i32>load<i16>(row + ((<usize>i) << 1))) << 13;
  return reinterpret<f32>(moved & 0x8fffffff) * reinterpret<f32>(0x77800000);
}

/** Σ row[i]², NaN where the row holds an infinity or NaN. */
function squareOfRow<T>(row: usize, count: i32): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  let largest = i32x4.splat(0);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const x = load4<T>(row, i);
    largest = i32x4.max_s(largest, v128.and(x, i32x4.splat(0x7fffffff)));
    const left = f64x2.promote_low_f32x4(x);
    const right = f64x2.promote_low_f32x4(upper(x));
    low = f64x2.add(low, f64x2.mul(left, left));
    high = f64x2.add(high, f64x2.mul(right, right));
  }
  let sum = total(f64x2.add(low, high));
  for (; i < count; i++) {
    const x = load1<T>(row, i);
    largest = i32x4.max_s(largest, i32x4.splat(reinterpret<i32>(x) & 0x7fffffff));
    sum += <f64>x * <f64>x;
  }
  // 65,536 and more is no half precision number; in float32 the sum itself tells.
  if (sizeof<T>() == 2 && v128.any_true(i32x4.ge_s(largest, i32x4.splat(0x47800000)))) return NaN;
  return sum;
}

/** Σ a[i]·b[i] of two rows. */
function dotOfRows<T>(a: usize, b: usize, count: i32): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const x = load4<T>(a, i);
    const y = load4<T>(b, i);
    low = f64x2.add(low, f64x2.mul(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(y)));
    high = f64x2.add(high, f64x2.mul(f64x2.promote_low_f32x4(upper(x)), f64x2.promote_low_f32x4(upper(y))));
  }
  let sum = total(f64x2.add(low, high));
  for (; i < count; i++) sum += <f64>load1<T>(a, i) * <f64>load1<T>(b, i);
  return sum;
}

/** Σ row[i]·vector[i], float64 vector. */
function dotWithVector<T>(row: usize, vector: usize, count: i32): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const x = load4<T>(row, i);
    const at = vector + ((<usize>i) << 3);
    low = f64x2.add(low, f64x2.mul(f64x2.promote_low_f32x4(x), v128.load(at)));
    high = f64x2.add(high, f64x2.mul(f64x2.promote_low_f32x4(upper(x)), v128.load(at, 16)));
  }
  let sum = total(f64x2.add(low, high));
  for (; i < count; i++) sum += <f64>load1<T>(row, i) * load<f64>(vector + ((<usize>i) << 3));
  return sum;
}

/** target[i] += scale·row[i], float64 target. */
function addScaledRow<T>(target: usize, row: usize, scale: f64, count: i32): void {
  const factor = f64x2.splat(scale);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const x = load4<T>(row, i);
    const at = target + ((<usize>i) << 3);
    v128.store(at, f64x2.add(v128.load(at), f64x2.mul(factor, f64x2.promote_low_f32x4(x))));
    v128.store(at, f64x2.add(v128.load(at, 16), f64x2.mul(factor, f64x2.promote_low_f32x4(upper(x)))), 16);
  }
  for (; i < count; i++) {
    const at = target + ((<usize>i) << 3);
    store<f64>(at, load<f64>(at) + scale * <f64>load1<T>(row, i));
  }
}

/** target[i] = scale·row[i] − centre[i], all of float32: what is lost is no more than a product of float32 loses after it. */
function centreRow<T>(row: usize, scale: f32, centre: usize, target: usize, count: i32): void {
  const scales = f32x4.splat(scale);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const at = (<usize>i) << 2;
    const x = f32x4.mul(scales, load4<T>(row, i));
    v128.store(target + at, f32x4.sub(x, v128.load(centre + at)));
  }
  for (; i < count; i++) {
    const at = (<usize>i) << 2;
    store<f32>(target + at, scale * load1<T>(row, i) - load<f32>(centre + at));
  }
}

/**
 * Rows as columns: target[j, i] = scale_i·row_i[j] − centre[j] in float32, [count, stride]. `rows` holds where they are, 32 bits each,
 * `scales` float32; of `stride` columns, a multiple of four, those behind `length` rows are zero.
 */
function centreColumns<T>(
  rows: usize,
  scales: usize,
  length: i32,
  centre: usize,
  target: usize,
  stride: i32,
  count: i32,
): void {
  const line = (<usize>stride) << 2;
  // As many rows at once as fill a cache line of each column.
  for (let first = 0; first < length; first += 16) {
    const end = min(first + 16, length);
    let j = 0;
    for (; j + 4 <= count; j += 4) {
      const centres = v128.load(centre + ((<usize>j) << 2));
      const c0 = v128.shuffle<f32>(centres, centres, 0, 0, 0, 0);
      const c1 = v128.shuffle<f32>(centres, centres, 1, 1, 1, 1);
      const c2 = v128.shuffle<f32>(centres, centres, 2, 2, 2, 2);
      const c3 = v128.shuffle<f32>(centres, centres, 3, 3, 3, 3);
      for (let i = first; i < end; i += 4) {
        const own = rows + ((<usize>i) << 2);
        const a = load4<T>(load<u32>(own), j);
        const b = load4<T>(load<u32>(own, 4), j);
        const c = load4<T>(load<u32>(own, 8), j);
        const d = load4<T>(load<u32>(own, 12), j);
        const s = v128.load(scales + ((<usize>i) << 2));
        const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
        const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
        const abHigh = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
        const cdHigh = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
        const at = target + <usize>j * line + ((<usize>i) << 2);
        v128.store(at, f32x4.sub(f32x4.mul(s, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5)), c0));
        v128.store(at + line, f32x4.sub(f32x4.mul(s, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7)), c1));
        v128.store(at + 2 * line, f32x4.sub(f32x4.mul(s, v128.shuffle<f32>(abHigh, cdHigh, 0, 1, 4, 5)), c2));
        v128.store(at + 3 * line, f32x4.sub(f32x4.mul(s, v128.shuffle<f32>(abHigh, cdHigh, 2, 3, 6, 7)), c3));
      }
    }
    for (; j < count; j++)
      for (let i = first; i < end; i++) {
        const x = load<f32>(scales + ((<usize>i) << 2)) * load1<T>(load<u32>(rows + ((<usize>i) << 2)), j);
        store<f32>(target + <usize>j * line + ((<usize>i) << 2), x - load<f32>(centre + ((<usize>j) << 2)));
      }
  }
  for (let j = 0; j < count; j++)
    for (let i = length; i < stride; i++) store<f32>(target + <usize>j * line + ((<usize>i) << 2), 0);
}

/**
 * With x = sum − count·mean of both sides, float64 [count] each: `out` takes ⟨image mean, text x⟩ + ⟨text mean, image x⟩,
 * ‖image x‖² and ‖text x‖². `sums` and `means` hold images, then texts.
 */
export function drift(sums: usize, means: usize, picked: f64, count: i32, out: usize): void {
  const stride = (<usize>count) << 3;
  let offset: f64 = 0;
  let image: f64 = 0;
  let text: f64 = 0;
  for (let i = 0; i < count; i++) {
    const at = (<usize>i) << 3;
    const imageMean = load<f64>(means + at);
    const textMean = load<f64>(means + stride + at);
    const v = load<f64>(sums + at) - picked * imageMean;
    const l = load<f64>(sums + stride + at) - picked * textMean;
    offset += imageMean * l + textMean * v;
    image += v * v;
    text += l * l;
  }
  store<f64>(out, offset);
  store<f64>(out, image, 8);
  store<f64>(out, text, 16);
}

/** 1.5·2⁵²: added to a smaller whole number, it leaves that number in the low bits of the float's pattern. */
const WHOLE: f64 = 6755399441055744;

/**
 * images[i] += round(imageScale·image[i]) and the same for texts, in whole numbers of 64 bits: sums of these do not
 * depend on their order. Both sides at once, since most of the time is waiting for the rows.
 */
function addWholePair<T>(
  images: usize,
  image: usize,
  imageScale: f64,
  texts: usize,
  text: usize,
  textScale: f64,
  count: i32,
): void {
  const imageScales = f64x2.splat(imageScale);
  const textScales = f64x2.splat(textScale);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const at = (<usize>i) << 3;
    addWhole4(images + at, load4<T>(image, i), imageScales);
    addWhole4(texts + at, load4<T>(text, i), textScales);
  }
  for (; i < count; i++) {
    const at = (<usize>i) << 3;
    addWhole1(images + at, load1<T>(image, i), imageScale);
    addWhole1(texts + at, load1<T>(text, i), textScale);
  }
}

function addWhole4(at: usize, x: v128, scale: v128): void {
  const whole = f64x2.splat(WHOLE);
  const low = f64x2.add(f64x2.mul(scale, f64x2.promote_low_f32x4(x)), whole);
  const high = f64x2.add(f64x2.mul(scale, f64x2.promote_low_f32x4(upper(x))), whole);
  v128.store(at, i64x2.add(v128.load(at), i64x2.sub(low, whole)));
  v128.store(at, i64x2.add(v128.load(at, 16), i64x2.sub(high, whole)), 16);
}

function addWhole1(at: usize, x: f32, scale: f64): void {
  const value = reinterpret<i64>(scale * <f64>x + WHOLE) - reinterpret<i64>(WHOLE);
  store<i64>(at, load<i64>(at) + value);
}

/** target[i] += source[i], whole numbers of 64 bits. */
export function addWhole(target: usize, source: usize, count: i32): void {
  for (let i = 0; i < count; i++) {
    const at = (<usize>i) << 3;
    store<i64>(target + at, load<i64>(target + at) + load<i64>(source + at));
  }
}

/** target[i] = source[i]·unit, from whole numbers of 64 bits; source and target may be the same. */
export function wholeToFloat(source: usize, target: usize, unit: f64, count: i32): void {
  for (let i = 0; i < count; i++) {
    const at = (<usize>i) << 3;
    store<f64>(target + at, <f64>load<i64>(source + at) * unit);
  }
}

/**
 * What a set adds of a class, `own` whole numbers of `unit`, images then texts, [2, count]: `apart` takes it minus `added` means, `into`
 * has it minus `added` origins added, of which `whole` leaves multiples of a step. Then the set `before` (0: none) is added to
 * `own`, and with x the sum of the whole set `drifts` takes share·x − kept·mean, `out` ⟨x_images, x_texts⟩ and the squared
 * lengths of both drifts.
 */
export function noteSet(
  own: usize,
  before: usize,
  unit: f64,
  added: f64,
  share: f64,
  kept: f64,
  means: usize,
  origin: usize,
  apart: usize,
  drifts: usize,
  into: usize,
  whole: f64,
  count: i32,
  out: usize,
): void {
  const stride = (<usize>count) << 3;
  let similarity: f64 = 0;
  let image: f64 = 0;
  let text: f64 = 0;
  for (let at: usize = 0; at < stride; at += 8) {
    let ofImages: f64 = 0;
    for (let side: usize = 0; side <= stride; side += stride) {
      const j = at + side;
      let sum = load<i64>(own + j);
      const mean = load<f64>(means + j);
      const x = <f64>sum * unit;
      store<f64>(apart + j, x - added * mean);
      addTo(into + j, x - added * load<f64>(origin + j) + whole - whole);
      if (before !== 0) {
        sum += load<i64>(before + j);
        store<i64>(own + j, sum);
      }
      const all = <f64>sum * unit;
      const drift = share * all - kept * mean;
      store<f64>(drifts + j, drift);
      if (side === 0) {
        ofImages = all;
        image += drift * drift;
      } else {
        similarity += ofImages * all;
        text += drift * drift;
      }
    }
  }
  store<f64>(out, similarity);
  store<f64>(out, image, 8);
  store<f64>(out, text, 16);
}

/**
 * All inner products of one pair with the vectors of its class. `vectors` holds Σv, Σl, Σ of the other classes' mean
 * images and mean texts, and t, each float64 [count]; `out` takes ⟨v,Σl⟩, ⟨l,Σv⟩, ⟨v,other texts⟩, ⟨l,other images⟩,
 * ⟨v,Σv⟩, ⟨l,Σl⟩, ⟨v,l⟩, ⟨l,t⟩.
 */
function pairWithClass<T>(image: usize, text: usize, vectors: usize, count: i32, out: usize): void {
  const stride = (<usize>count) << 3;
  const imageSum = vectors;
  const textSum = vectors + stride;
  const otherImages = vectors + 2 * stride;
  const otherTexts = vectors + 3 * stride;
  const name = vectors + 4 * stride;
  let imageCross = f64x2.splat(0);
  let textCross = f64x2.splat(0);
  let imageInter = f64x2.splat(0);
  let textInter = f64x2.splat(0);
  let imageOwn = f64x2.splat(0);
  let textOwn = f64x2.splat(0);
  let self_ = f64x2.splat(0);
  let label = f64x2.splat(0);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const image4 = load4<T>(image, i);
    const text4 = load4<T>(text, i);
    for (let half = 0; half < 2; half++) {
      const v = f64x2.promote_low_f32x4(half ? upper(image4) : image4);
      const l = f64x2.promote_low_f32x4(half ? upper(text4) : text4);
      const at = ((<usize>i) << 3) + ((<usize>half) << 4);
      const sumV = v128.load(imageSum + at);
      const sumL = v128.load(textSum + at);
      imageCross = f64x2.add(imageCross, f64x2.mul(v, sumL));
      textCross = f64x2.add(textCross, f64x2.mul(l, sumV));
      imageInter = f64x2.add(imageInter, f64x2.mul(v, v128.load(otherTexts + at)));
      textInter = f64x2.add(textInter, f64x2.mul(l, v128.load(otherImages + at)));
      imageOwn = f64x2.add(imageOwn, f64x2.mul(v, sumV));
      textOwn = f64x2.add(textOwn, f64x2.mul(l, sumL));
      self_ = f64x2.add(self_, f64x2.mul(v, l));
      label = f64x2.add(label, f64x2.mul(l, v128.load(name + at)));
    }
  }
  store<f64>(out, total(imageCross), 0);
  store<f64>(out, total(textCross), 8);
  store<f64>(out, total(imageInter), 16);
  store<f64>(out, total(textInter), 24);
  store<f64>(out, total(imageOwn), 32);
  store<f64>(out, total(textOwn), 40);
  store<f64>(out, total(self_), 48);
  store<f64>(out, total(label), 56);
  for (; i < count; i++) {
    const v = <f64>load1<T>(image, i);
    const l = <f64>load1<T>(text, i);
    const at = (<usize>i) << 3;
    addTo(out, v * load<f64>(textSum + at));
    addTo(out + 8, l * load<f64>(imageSum + at));
    addTo(out + 16, v * load<f64>(otherTexts + at));
    addTo(out + 24, l * load<f64>(otherImages + at));
    addTo(out + 32, v * load<f64>(imageSum + at));
    addTo(out + 40, l * load<f64>(textSum + at));
    addTo(out + 48, v * l);
    addTo(out + 56, l * load<f64>(name + at));
  }
}

/**
 * Eight-bit steps of x = scale·row − centre: target[i] = 128 + q with q = round(x[i]·steps), kept in −128…127.
 * `centre` is float32 [count]. `out` takes ‖x − q/steps‖², what the steps lose, and ‖q/steps‖², both as float32.
 */
function quantiseRow<T>(
  row: usize,
  centre: usize,
  scale: f32,
  steps: f32,
  target: usize,
  count: i32,
  out: usize,
): void {
  const scales = f32x4.splat(scale);
  const gain = f32x4.splat(steps);
  const step = f32x4.splat(<f32>1 / steps);
  let lost4 = f32x4.splat(0);
  let kept4 = f32x4.splat(0);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const x = f32x4.sub(f32x4.mul(scales, load4<T>(row, i)), v128.load(centre + ((<usize>i) << 2)));
    const q = f32x4.pmax(f32x4.splat(-128), f32x4.pmin(f32x4.splat(127), f32x4.nearest(f32x4.mul(x, gain))));
    const near = f32x4.mul(q, step);
    const rest = f32x4.sub(x, near);
    lost4 = f32x4.add(lost4, f32x4.mul(rest, rest));
    kept4 = f32x4.add(kept4, f32x4.mul(near, near));
    // Adding 1.5·2²³ + 128 leaves the integer in the lowest byte of the float's pattern.
    const bytes = v128.and(f32x4.add(q, f32x4.splat(12583040)), i32x4.splat(255));
    const narrow = i16x8.narrow_i32x4_u(bytes, bytes);
    v128.store32_lane(target + <usize>i, i8x16.narrow_i16x8_u(narrow, narrow), 0);
  }
  let lost = total4(lost4);
  let kept = total4(kept4);
  for (; i < count; i++) {
    const x = scale * load1<T>(row, i) - load<f32>(centre + ((<usize>i) << 2));
    const q = max<f32>(-128, min<f32>(127, nearest(x * steps)));
    const near = q / steps;
    lost += (x - near) * (x - near);
    kept += near * near;
    store<u8>(target + <usize>i, <u8>(<i32>q + 128));
  }
  store<f32>(out, lost);
  store<f32>(out, kept, 4);
}

export function squareHalf(row: usize, count: i32): f64 {
  return squareOfRow<u16>(row, count);
}
export function squareFloat(row: usize, count: i32): f64 {
  return squareOfRow<f32>(row, count);
}
export function dotRowsHalf(a: usize, b: usize, count: i32): f64 {
  return dotOfRows<u16>(a, b, count);
}
export function dotRowsFloat(a: usize, b: usize, count: i32): f64 {
  return dotOfRows<f32>(a, b, count);
}
export function dotHalf(row: usize, vector: usize, count: i32): f64 {
  return dotWithVector<u16>(row, vector, count);
}
export function dotFloat(row: usize, vector: usize, count: i32): f64 {
  return dotWithVector<f32>(row, vector, count);
}
export function addScaledHalf(target: usize, row: usize, scale: f64, count: i32): void {
  addScaledRow<u16>(target, row, scale, count);
}
export function addScaledFloat(target: usize, row: usize, scale: f64, count: i32): void {
  addScaledRow<f32>(target, row, scale, count);
}
export function centreHalf(row: usize, scale: f32, centre: usize, target: usize, count: i32): void {
  centreRow<u16>(row, scale, centre, target, count);
}
export function centreFloat(row: usize, scale: f32, centre: usize, target: usize, count: i32): void {
  centreRow<f32>(row, scale, centre, target, count);
}
export function centreColumnsHalf(
  rows: usize,
  scales: usize,
  length: i32,
  centre: usize,
  target: usize,
  stride: i32,
  count: i32,
): void {
  centreColumns<u16>(rows, scales, length, centre, target, stride, count);
}
export function centreColumnsFloat(
  rows: usize,
  scales: usize,
  length: i32,
  centre: usize,
  target: usize,
  stride: i32,
  count: i32,
): void {
  centreColumns<f32>(rows, scales, length, centre, target, stride, count);
}
export function addPairHalf(
  images: usize,
  image: usize,
  imageScale: f64,
  texts: usize,
  text: usize,
  textScale: f64,
  count: i32,
): void {
  addWholePair<u16>(images, image, imageScale, texts, text, textScale, count);
}
export function addPairFloat(
  images: usize,
  image: usize,
  imageScale: f64,
  texts: usize,
  text: usize,
  textScale: f64,
  count: i32,
): void {
  addWholePair<f32>(images, image, imageScale, texts, text, textScale, count);
}
export function pairProductsHalf(image: usize, text: usize, vectors: usize, count: i32, out: usize): void {
  pairWithClass<u16>(image, text, vectors, count, out);
}
export function pairProductsFloat(image: usize, text: usize, vectors: usize, count: i32, out: usize): void {
  pairWithClass<f32>(image, text, vectors, count, out);
}
export function quantiseHalf(
  row: usize,
  centre: usize,
  scale: f32,
  steps: f32,
  target: usize,
  count: i32,
  out: usize,
): void {
  quantiseRow<u16>(row, centre, scale, steps, target, count, out);
}
export function quantiseFloat(
  row: usize,
  centre: usize,
  scale: f32,
  steps: f32,
  target: usize,
  count: i32,
  out: usize,
): void {
  quantiseRow<f32>(row, centre, scale, steps, target, count, out);
}
