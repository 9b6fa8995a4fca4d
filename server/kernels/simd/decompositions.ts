import { addTo, total } from './lanes';

/**
 * One step of the reduction of a symmetric matrix to a tridiagonal one, of which the upper triangle is stored, [count, count]
 * of float64: A −= v·wᵀ + w·vᵀ for rows and columns from `from` on, and `product` += A·u with what A is then.
 */
export function rankTwo(
  matrix: usize,
  count: i32,
  from: i32,
  v: usize,
  w: usize,
  u: usize,
  product: usize,
): void {
  let i = from;
  // Two rows at once: what goes through memory beside the matrix does so half as often.
  for (; i + 2 <= count; i += 2) {
    const own = (<usize>i) << 3;
    const row = matrix + ((<usize>(i * count)) << 3);
    const under = row + ((<usize>count) << 3);
    const vi = load<f64>(v + own);
    const wi = load<f64>(w + own);
    const ui = load<f64>(u + own);
    const vn = load<f64>(v + own, 8);
    const wn = load<f64>(w + own, 8);
    const un = load<f64>(u + own, 8);
    const a = load<f64>(row + own) - 2 * vi * wi;
    const b = load<f64>(row + own, 8) - (vi * wn + wi * vn);
    const c = load<f64>(under + own, 8) - 2 * vn * wn;
    store<f64>(row + own, a);
    store<f64>(row + own, b, 8);
    store<f64>(under + own, c, 8);
    let ofRow = a * ui + b * un;
    let ofUnder = b * ui + c * un;
    let row2 = f64x2.splat(0);
    let under2 = f64x2.splat(0);
    let j = i + 2;
    for (; j + 2 <= count; j += 2) {
      const at = (<usize>j) << 3;
      const vj = v128.load(v + at);
      const wj = v128.load(w + at);
      const uj = v128.load(u + at);
      const x = minusTwo(row + at, f64x2.splat(vi), wj, f64x2.splat(wi), vj);
      const y = minusTwo(under + at, f64x2.splat(vn), wj, f64x2.splat(wn), vj);
      row2 = f64x2.add(row2, f64x2.mul(x, uj));
      under2 = f64x2.add(under2, f64x2.mul(y, uj));
      const both = f64x2.add(f64x2.mul(f64x2.splat(ui), x), f64x2.mul(f64x2.splat(un), y));
      v128.store(product + at, f64x2.add(v128.load(product + at), both));
    }
    for (; j < count; j++) {
      const at = (<usize>j) << 3;
      const x = load<f64>(row + at) - (vi * load<f64>(w + at) + wi * load<f64>(v + at));
      const y = load<f64>(under + at) - (vn * load<f64>(w + at) + wn * load<f64>(v + at));
      store<f64>(row + at, x);
      store<f64>(under + at, y);
      ofRow += x * load<f64>(u + at);
      ofUnder += y * load<f64>(u + at);
      addTo(product + at, ui * x + un * y);
    }
    addTo(product + own, ofRow + total(row2));
    addTo(product + own + 8, ofUnder + total(under2));
  }
  if (i === count) return;
  const own = (<usize>i) << 3;
  const at = matrix + ((<usize>(i * count)) << 3) + own;
  const last = load<f64>(at) - 2 * load<f64>(v + own) * load<f64>(w + own);
  store<f64>(at, last);
  addTo(product + own, last * load<f64>(u + own));
}

/** Takes a·b + c·d away from two numbers in memory; what is left. */
function minusTwo(at: usize, a: v128, b: v128, c: v128, d: v128): v128 {
  const x = f64x2.sub(v128.load(at), f64x2.add(f64x2.mul(a, b), f64x2.mul(c, d)));
  v128.store(at, x);
  return x;
}

/** target −= factor·⟨vector, target⟩·vector, float64 [count]. */
export function reflect(target: usize, vector: usize, factor: f64, count: i32): void {
  let sum = f64x2.splat(0);
  let rest: f64 = 0;
  let i = 0;
  for (; i + 2 <= count; i += 2) {
    const at = (<usize>i) << 3;
    sum = f64x2.add(sum, f64x2.mul(v128.load(target + at), v128.load(vector + at)));
  }
  if (i < count) rest = load<f64>(target + ((<usize>i) << 3)) * load<f64>(vector + ((<usize>i) << 3));
  const scale = factor * (total(sum) + rest);
  const scales = f64x2.splat(scale);
  for (i = 0; i + 2 <= count; i += 2) {
    const at = (<usize>i) << 3;
    v128.store(target + at, f64x2.sub(v128.load(target + at), f64x2.mul(scales, v128.load(vector + at))));
  }
  if (i < count) addTo(target + ((<usize>i) << 3), -scale * load<f64>(vector + ((<usize>i) << 3)));
}
