/** The value of a half-precision bit pattern, by IEEE 754's definition. */
export function valueOfHalf(bits: number): number {
  const sign = bits >= 0x8000 ? -1 : 1;
  const exponent = Math.floor(bits / 1024) % 32;
  const fraction = (bits % 1024) / 1024;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * 2 ** -14 * fraction : sign * 2 ** (exponent - 15) * (1 + fraction);
}

const FINITE = Array.from({ length: 0x7c00 }, (_, bits) => valueOfHalf(bits));

/**
 * The half nearest to a float32, ties to the even pattern: a search among all finite halves. Halves, their midpoints
 * and float32 values are exact doubles, so no comparison rounds.
 */
export function nearestHalf(float: number): number {
  const value = Math.fround(float);
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  // As if there were one more exponent: 65536 would follow 65504, and is infinity.
  if (magnitude >= (65_504 + 65_536) / 2) return sign + 0x7c00;
  let low = 0;
  let high = 0x7bff;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (FINITE[middle]! <= magnitude) low = middle;
    else high = middle - 1;
  }
  const above = low + 1 < FINITE.length ? FINITE[low + 1]! : 65_536;
  const halfway = (FINITE[low]! + above) / 2;
  const up = magnitude > halfway || (magnitude === halfway && low % 2 === 1);
  return sign + low + (up ? 1 : 0);
}
