/**
 * The inner loops of the selection in WebAssembly SIMD (AssemblyScript). Rows are float32, sums and products float64:
 * every product of two float32 is exact in float64, and the order of each sum is fixed, so results are the same on
 * every machine. Pointers are bytes into the instance's memory; lengths need not be multiples of four.
 */

/** target[i] = the value of the half-precision pattern source[i], exactly. */
export function widen(source: usize, target: usize, count: i32): void {
  const signs = i32x4.splat(0x8000);
  const magnitudes = i32x4.splat(0x7fff);
  // Half patterns moved into float32's fields are too small by 2^112, subnormals too; infinities and NaN need their
  // exponent filled.
  const scale = i32x4.splat(0x77800000);
  const special = i32x4.splat(0x0f800000);
  const filled = i32x4.splat(0x7f800000);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const half = v128.load_ext<u16>(source + ((<usize>i) << 1));
    const magnitude = i32x4.shl(v128.and(half, magnitudes), 13);
    const value = v128.or(
      f32x4.mul(magnitude, scale),
      v128.or(i32x4.shl(v128.and(half, signs), 16), v128.and(i32x4.ge_s(magnitude, special), filled)),
    );
    v128.store(target + ((<usize>i) << 2), value);
  }
  for (; i < count; i++) {
    const half = <u32>load<u16>(source + ((<usize>i) << 1));
    const magnitude = (half & 0x7fff) << 13;
    let bits = reinterpret<u32>(reinterpret<f32>(magnitude) * reinterpret<f32>(0x77800000));
    if (magnitude >= 0x0f800000) bits |= 0x7f800000;
    store<u32>(target + ((<usize>i) << 2), bits | ((half & 0x8000) << 16));
  }
}

/** Σ a[i]², float32 row. */
export function squaredNorm(a: usize, count: i32): f64 {
  return dotRows(a, a, count);
}

/** Σ a[i]·b[i] of two float32 rows. */
export function dotRows(a: usize, b: usize, count: i32): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const x = v128.load(a + ((<usize>i) << 2));
    const y = v128.load(b + ((<usize>i) << 2));
    low = f64x2.add(low, f64x2.mul(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(y)));
    high = f64x2.add(high, f64x2.mul(f64x2.promote_low_f32x4(upper(x)), f64x2.promote_low_f32x4(upper(y))));
  }
  let sum = total(f64x2.add(low, high));
  for (; i < count; i++) sum += <f64>load<f32>(a + ((<usize>i) << 2)) * <f64>load<f32>(b + ((<usize>i) << 2));
  return sum;
}

/** Σ row[i]·vector[i], float32 row and float64 vector. */
export function dot(row: usize, vector: usize, count: i32): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const x = v128.load(row + ((<usize>i) << 2));
    const at = vector + ((<usize>i) << 3);
    low = f64x2.add(low, f64x2.mul(f64x2.promote_low_f32x4(x), v128.load(at)));
    high = f64x2.add(high, f64x2.mul(f64x2.promote_low_f32x4(upper(x)), v128.load(at, 16)));
  }
  let sum = total(f64x2.add(low, high));
  for (; i < count; i++)
    sum += <f64>load<f32>(row + ((<usize>i) << 2)) * load<f64>(vector + ((<usize>i) << 3));
  return sum;
}

/** target[i] += scale·row[i], float64 target and float32 row. */
export function addScaled(target: usize, row: usize, scale: f64, count: i32): void {
  const factor = f64x2.splat(scale);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const x = v128.load(row + ((<usize>i) << 2));
    const at = target + ((<usize>i) << 3);
    v128.store(at, f64x2.add(v128.load(at), f64x2.mul(factor, f64x2.promote_low_f32x4(x))));
    v128.store(at, f64x2.add(v128.load(at, 16), f64x2.mul(factor, f64x2.promote_low_f32x4(upper(x)))), 16);
  }
  for (; i < count; i++) {
    const at = target + ((<usize>i) << 3);
    store<f64>(at, load<f64>(at) + scale * <f64>load<f32>(row + ((<usize>i) << 2)));
  }
}

/**
 * All inner products of one pair with the vectors of its class. `vectors` holds Σv, Σl, Σ of the other classes' mean
 * images and mean texts, and t, each float64 [count]; `out` takes ⟨v,Σl⟩, ⟨l,Σv⟩, ⟨v,other texts⟩, ⟨l,other images⟩,
 * ⟨v,Σv⟩, ⟨l,Σl⟩, ⟨v,l⟩, ⟨l,t⟩.
 */
export function pairProducts(image: usize, text: usize, vectors: usize, count: i32, out: usize): void {
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
  for (; i + 2 <= count; i += 2) {
    const v = f64x2.promote_low_f32x4(v128.load64_zero(image + ((<usize>i) << 2)));
    const l = f64x2.promote_low_f32x4(v128.load64_zero(text + ((<usize>i) << 2)));
    const at = (<usize>i) << 3;
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
  store<f64>(out, total(imageCross), 0);
  store<f64>(out, total(textCross), 8);
  store<f64>(out, total(imageInter), 16);
  store<f64>(out, total(textInter), 24);
  store<f64>(out, total(imageOwn), 32);
  store<f64>(out, total(textOwn), 40);
  store<f64>(out, total(self_), 48);
  store<f64>(out, total(label), 56);
  if (i < count) {
    const v = <f64>load<f32>(image + ((<usize>i) << 2));
    const l = <f64>load<f32>(text + ((<usize>i) << 2));
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

function addTo(at: usize, value: f64): void {
  store<f64>(at, load<f64>(at) + value);
}

function upper(x: v128): v128 {
  return v128.shuffle<f32>(x, x, 2, 3, 2, 3);
}

function total(x: v128): f64 {
  return f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1);
}
