import { addTo, total } from './lanes';

/**
 * Steps `first` up to `end` of the reduction of a symmetric matrix to a tridiagonal one by reflections (Householder); of the matrix,
 * [count, count] of float64, the upper triangle is stored, of which row k becomes the last when its step comes. `beside` takes
 * what is beside the diagonal, `reflectors` a row u of each step, from k + 1 on, and `factors` the f of I − f·u·uᵀ. v, w, u and
 * `product`, [count], are where steps meet; v and w are zero before the first.
 */
export function reduce(
  matrix: usize,
  count: i32,
  first: i32,
  end: i32,
  beside: usize,
  reflectors: usize,
  factors: usize,
  v: usize,
  w: usize,
  u: usize,
  product: usize,
): void {
  const stride = (<usize>count) << 3;
  for (let k = first; k < end; k++) {
    const own = (<usize>k) << 3;
    const from = own + 8;
    const row = matrix + <usize>k * stride;
    // Row k has waited for the step before: what that takes away of it is taken now.
    const vk = load<f64>(v + own);
    const wk = load<f64>(w + own);
    for (let at = own; at < stride; at += 8)
      addTo(row + at, -(vk * load<f64>(w + at) + wk * load<f64>(v + at)));
    let rest: f64 = 0;
    for (let at = from; at < stride; at += 8) {
      const x = load<f64>(row + at);
      store<f64>(u + at, x);
      if (at > from) rest += x * x;
    }
    const head = load<f64>(u + from);
    let length = head;
    let factor: f64 = 0;
    if (rest === 0) memory.fill(u + from, 0, stride - from);
    else {
      length = head > 0 ? -sqrt(head * head + rest) : sqrt(head * head + rest);
      store<f64>(u + from, head - length);
      factor = 2 / ((head - length) * (head - length) + rest);
    }
    store<f64>(beside + own, length);
    store<f64>(factors + own, factor);
    memory.copy(reflectors + <usize>k * stride + from, u + from, stride - from);
    memory.fill(product + from, 0, stride - from);
    rankTwo(matrix, count, k + 1, v, w, u, product);
    // The next step: v = u and w = f·A·u − (f²/2)·⟨u, A·u⟩·u.
    let inner: f64 = 0;
    for (let at = from; at < stride; at += 8) inner += load<f64>(u + at) * load<f64>(product + at);
    const half = (factor * factor * inner) / 2;
    for (let at = from; at < stride; at += 8) {
      store<f64>(v + at, load<f64>(u + at));
      store<f64>(w + at, factor * load<f64>(product + at) - half * load<f64>(u + at));
    }
  }
}

/** A −= v·wᵀ + w·vᵀ for rows and columns from `from` on, and `product` += A·u with what A is then. */
function rankTwo(matrix: usize, count: i32, from: i32, v: usize, w: usize, u: usize, product: usize): void {
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

/**
 * Applies reflections to rows of `vectors`, [rows, count], the last one first: I − f·u·uᵀ of the factors f and the `reflectors` u
 * [count, count], of which number k begins at k + 1.
 */
export function reflectBack(vectors: usize, rows: i32, reflectors: usize, factors: usize, count: i32): void {
  const stride = (<usize>count) << 3;
  let first = 0;
  // Four rows at once: the reflectors go through memory a quarter as often.
  for (; first + 4 <= rows; first += 4)
    for (let k = count - 3; k >= 0; k--) {
      const from = (<usize>k + 1) << 3;
      const factor = load<f64>(factors + ((<usize>k) << 3));
      const target = vectors + <usize>first * stride + from;
      reflect4(target, stride, reflectors + <usize>k * stride + from, factor, count - k - 1);
    }
  for (; first < rows; first++)
    for (let k = count - 3; k >= 0; k--) {
      const from = (<usize>k + 1) << 3;
      const factor = load<f64>(factors + ((<usize>k) << 3));
      const target = vectors + <usize>first * stride + from;
      reflect(target, reflectors + <usize>k * stride + from, factor, count - k - 1);
    }
}

/** As `reflect`, of four targets. */
function reflect4(a: usize, stride: usize, vector: usize, factor: f64, count: i32): void {
  const b = a + stride;
  const c = b + stride;
  const d = c + stride;
  let sa = f64x2.splat(0);
  let sb = sa;
  let sc = sa;
  let sd = sa;
  const end = (<usize>(count & ~1)) << 3;
  for (let at: usize = 0; at < end; at += 16) {
    const u = v128.load(vector + at);
    sa = f64x2.add(sa, f64x2.mul(v128.load(a + at), u));
    sb = f64x2.add(sb, f64x2.mul(v128.load(b + at), u));
    sc = f64x2.add(sc, f64x2.mul(v128.load(c + at), u));
    sd = f64x2.add(sd, f64x2.mul(v128.load(d + at), u));
  }
  const last = count & 1 ? load<f64>(vector + end) : 0;
  const fa = factor * (total(sa) + (count & 1 ? load<f64>(a + end) * last : 0));
  const fb = factor * (total(sb) + (count & 1 ? load<f64>(b + end) * last : 0));
  const fc = factor * (total(sc) + (count & 1 ? load<f64>(c + end) * last : 0));
  const fd = factor * (total(sd) + (count & 1 ? load<f64>(d + end) * last : 0));
  for (let at: usize = 0; at < end; at += 16) {
    const u = v128.load(vector + at);
    v128.store(a + at, f64x2.sub(v128.load(a + at), f64x2.mul(f64x2.splat(fa), u)));
    v128.store(b + at, f64x2.sub(v128.load(b + at), f64x2.mul(f64x2.splat(fb), u)));
    v128.store(c + at, f64x2.sub(v128.load(c + at), f64x2.mul(f64x2.splat(fc), u)));
    v128.store(d + at, f64x2.sub(v128.load(d + at), f64x2.mul(f64x2.splat(fd), u)));
  }
  if ((count & 1) === 0) return;
  addTo(a + end, -fa * last);
  addTo(b + end, -fb * last);
  addTo(c + end, -fc * last);
  addTo(d + end, -fd * last);
}

/** target −= factor·⟨vector, target⟩·vector, float64 [count]. */
function reflect(target: usize, vector: usize, factor: f64, count: i32): void {
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

/**
 * How many eigenvalues of a symmetric tridiagonal matrix are at least each of eight shifts, by the signs of a factorisation (Sturm):
 * each lane waits for a division after the other, several wait together. `squares` holds what is beside the diagonal, squared,
 * with a zero before it; a pivot below `tiny` is taken for it. `found` takes eight whole numbers of 64 bits.
 */
export function countAtLeast(
  diagonal: usize,
  squares: usize,
  count: i32,
  shifts: usize,
  tiny: f64,
  found: usize,
): void {
  const least = f64x2.splat(tiny);
  const a = v128.load(shifts);
  const b = v128.load(shifts, 16);
  const c = v128.load(shifts, 32);
  const d = v128.load(shifts, 48);
  let qa = f64x2.splat(1);
  let qb = qa;
  let qc = qa;
  let qd = qa;
  let na = i64x2.splat(0);
  let nb = na;
  let nc = na;
  let nd = na;
  const zero = f64x2.splat(0);
  for (let i = 0; i < count; i++) {
    const own = f64x2.splat(load<f64>(diagonal + ((<usize>i) << 3)));
    const square = f64x2.splat(load<f64>(squares + ((<usize>i) << 3)));
    qa = quotient(qa, own, a, square, least);
    qb = quotient(qb, own, b, square, least);
    qc = quotient(qc, own, c, square, least);
    qd = quotient(qd, own, d, square, least);
    na = i64x2.sub(na, f64x2.ge(qa, zero));
    nb = i64x2.sub(nb, f64x2.ge(qb, zero));
    nc = i64x2.sub(nc, f64x2.ge(qc, zero));
    nd = i64x2.sub(nd, f64x2.ge(qd, zero));
  }
  v128.store(found, na);
  v128.store(found, nb, 16);
  v128.store(found, nc, 32);
  v128.store(found, nd, 48);
}

/** own − shift − square/before, where `before` is no nearer to zero than `least`. */
function quotient(before: v128, own: v128, shift: v128, square: v128, least: v128): v128 {
  const near = f64x2.lt(f64x2.abs(before), least);
  return f64x2.sub(f64x2.sub(own, shift), f64x2.div(square, v128.bitselect(least, before, near)));
}

/** y = A·x of a symmetric matrix, [count, count] of float64; two rows at once, which read x together. */
export function timesVector(matrix: usize, x: usize, y: usize, count: i32): void {
  const stride = (<usize>count) << 3;
  const even = (<usize>(count & ~1)) << 3;
  let i = 0;
  for (; i + 2 <= count; i += 2) {
    const row = matrix + <usize>i * stride;
    let a = f64x2.splat(0);
    let b = a;
    let c = a;
    let d = a;
    let at: usize = 0;
    for (; at + 32 <= even; at += 32) {
      const low = v128.load(x + at);
      const high = v128.load(x + at, 16);
      a = f64x2.add(a, f64x2.mul(v128.load(row + at), low));
      b = f64x2.add(b, f64x2.mul(v128.load(row + at, 16), high));
      c = f64x2.add(c, f64x2.mul(v128.load(row + stride + at), low));
      d = f64x2.add(d, f64x2.mul(v128.load(row + stride + at, 16), high));
    }
    let first = total(f64x2.add(a, b));
    let second = total(f64x2.add(c, d));
    for (; at < stride; at += 8) {
      first += load<f64>(row + at) * load<f64>(x + at);
      second += load<f64>(row + stride + at) * load<f64>(x + at);
    }
    store<f64>(y + ((<usize>i) << 3), first);
    store<f64>(y + ((<usize>i) << 3), second, 8);
  }
  if (i === count) return;
  const row = matrix + <usize>i * stride;
  let last: f64 = 0;
  for (let at: usize = 0; at < stride; at += 8) last += load<f64>(row + at) * load<f64>(x + at);
  store<f64>(y + ((<usize>i) << 3), last);
}

/** Takes away of a vector, float64 [count], what it has of each of the unit vectors [rows, count], one after another. */
export function takeAway(vector: usize, units: usize, rows: i32, count: i32): void {
  const stride = (<usize>count) << 3;
  for (let r = 0; r < rows; r++) reflect(vector, units + <usize>r * stride, 1, count);
}
