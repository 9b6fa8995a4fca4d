/** Half precision as typed arrays hold it: a Uint16Array of bit patterns (Node 20 has no Float16Array). */

/** The float32 value of each of the 65,536 half-precision bit patterns; a table lookup beats bit arithmetic. */
const FLOAT32_OF_HALF = buildTable();

function buildTable(): Float32Array {
  const table = new Float32Array(65_536);
  for (let bits = 0; bits < 65_536; bits++) {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    if (exponent === 0) table[bits] = sign * fraction * 2 ** -24;
    else if (exponent === 31) table[bits] = fraction ? NaN : sign * Infinity;
    else table[bits] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }
  return table;
}

/** target[to + i] = the value of source[from + i], exactly, for i in [0, count). */
export function widenHalf(
  source: Uint16Array,
  from: number,
  target: Float32Array,
  to: number,
  count: number,
): void {
  const table = FLOAT32_OF_HALF;
  for (let i = 0; i < count; i++) target[to + i] = table[source[from + i]!]!;
}

/** Widens all of `source`. */
export function halfToFloat(source: Uint16Array, target: Float32Array): void {
  widenHalf(source, 0, target, 0, source.length);
}

const floatView = new Float32Array(1);
const bitView = new Uint32Array(floatView.buffer);

/** The nearest half-precision bit pattern of a float32, ties to even, as IEEE 754 and numpy round. */
export function floatToHalf(value: number): number {
  floatView[0] = value;
  return halfOfBits(bitView[0]!);
}

/** The same for the bits of a float32. */
function halfOfBits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // NaN
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // rounds beyond 65504
  if (magnitude < 0x38800000) {
    // Subnormal half: scale to units of 2^-24 and round to even.
    bitView[0] = magnitude;
    const units = floatView[0]! * 2 ** 24;
    const down = Math.floor(units);
    const rest = units - down;
    return sign | (rest > 0.5 || (rest === 0.5 && down % 2 === 1) ? down + 1 : down);
  }
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
  return sign | ((rounded - 0x38000000) >>> 13);
}

/** target[i] = the pattern nearest to source[i]. The bits are read where they lie, not one by one through a view. */
export function narrowFloats(source: Float32Array, target: Uint16Array): void {
  const bits = new Uint32Array(source.buffer, source.byteOffset, source.length);
  for (let i = 0; i < bits.length; i++) target[i] = halfOfBits(bits[i]!);
}
