import { existsSync, readFileSync } from 'node:fs';

/** The kernels for rows of one type; pointers are bytes into the memory. See `simd/kernels.ts`. */
export interface RowKernels {
  square(row: number, count: number): number;
  dotRows(a: number, b: number, count: number): number;
  dot(row: number, vector: number, count: number): number;
  addScaled(target: number, row: number, scale: number, count: number): void;
  centre(row: number, scale: number, centre: number, target: number, count: number): void;
  centreColumns(
    rows: number,
    scales: number,
    length: number,
    centre: number,
    target: number,
    stride: number,
    count: number,
  ): void;
  addPair(
    images: number,
    image: number,
    imageScale: number,
    texts: number,
    text: number,
    textScale: number,
    count: number,
  ): void;
  pairProducts(image: number, text: number, vectors: number, count: number, out: number): void;
  quantise(
    row: number,
    centre: number,
    scale: number,
    steps: number,
    target: number,
    count: number,
    out: number,
  ): void;
}

type Exports = { [K in keyof RowKernels as `${K}Half` | `${K}Float`]: RowKernels[K] } & {
  drift(sums: number, means: number, picked: number, count: number, out: number): void;
  reduce(
    matrix: number,
    count: number,
    first: number,
    end: number,
    beside: number,
    reflectors: number,
    factors: number,
    v: number,
    w: number,
    u: number,
    product: number,
  ): void;
  reflectBack(vectors: number, rows: number, reflectors: number, factors: number, count: number): void;
  timesVector(matrix: number, x: number, y: number, count: number): void;
  takeAway(vector: number, units: number, rows: number, count: number): void;
  countAtLeast(
    diagonal: number,
    squares: number,
    count: number,
    shifts: number,
    tiny: number,
    found: number,
  ): void;
  addFloats(into: number, values: number, count: number): void;
  addRounded(into: number, values: number, whole: number, count: number): void;
  scaleAndSquare(values: number, factor: number, count: number): number;
  addPrefixFloat(
    sum: number,
    prefix: number,
    into: number,
    full: number,
    vectors: number,
    whole: number,
    factor: number,
    count: number,
  ): number;
  addPrefixDouble: Exports['addPrefixFloat'];
  above(values: number, count: number, limit: number, places: number): number;
  roundForBoth(
    row: number,
    coordinates: number,
    count: number,
    leftSteps: number,
    rightSteps: number,
    left: number,
    right: number,
    stride: number,
    out: number,
  ): void;
  boundsAbove(
    products: number,
    unit: number,
    rest: number,
    rests: number,
    offsets: number,
    count: number,
    limit: number,
    places: number,
  ): number;
  meetRow(
    images: number,
    texts: number,
    lines: number,
    limit: number,
    count: number,
    both: number,
    byRow: number,
    sum: number,
    places: number,
  ): number;
  noteSet(
    own: number,
    before: number,
    unit: number,
    added: number,
    share: number,
    kept: number,
    means: number,
    origin: number,
    apart: number,
    drifts: number,
    into: number,
    whole: number,
    count: number,
    out: number,
  ): void;
  addWhole(target: number, source: number, count: number): void;
  wholeToFloat(source: number, target: number, unit: number, count: number): void;
};

/** Built into dist/ beside the bundles; the sources find it there too. */
const WASM = ['./kernels.wasm', '../../dist/kernels.wasm']
  .map((path) => new URL(path, import.meta.url))
  .find((url) => existsSync(url));

let compiled: WebAssembly.Module | null = null;

function compile(): WebAssembly.Module {
  if (!WASM) throw new Error('dist/kernels.wasm is missing: run npm run build');
  return (compiled ??= new WebAssembly.Module(readFileSync(WASM)));
}

const PAGE = 65_536;
/** AssemblyScript keeps the first bytes for itself. */
const FIRST_FREE = 1024;

/**
 * A piece of memory with the SIMD kernels working on it. Its size is fixed, so views of it stay valid; memories are
 * scarce (each reserves gigabytes of addresses), so make one for a table or a pass, not one for a class.
 */
export class KernelMemory {
  /** Products of images times those of texts, their sums, and which images are alike; see the kernel. */
  readonly meetRow: Exports['meetRow'];
  private readonly run: Exports;
  private readonly memory: WebAssembly.Memory;
  private next = FIRST_FREE;

  /** `bytes`: the sum of what will be allocated, each allocation rounded up to 16. */
  constructor(bytes: number) {
    this.memory = new WebAssembly.Memory({ initial: Math.ceil((FIRST_FREE + bytes) / PAGE) + 1 });
    const environment = { memory: this.memory, abort: () => undefined };
    this.run = new WebAssembly.Instance(compile(), { env: environment }).exports as unknown as Exports;
    // Asked once for every pair: passing the call on would cost as much as a short row.
    this.meetRow = this.run.meetRow;
  }

  /** The kernels for rows as half-precision patterns, or as float32. */
  kernels(half: boolean): RowKernels {
    const { run } = this;
    return half
      ? {
          square: run.squareHalf,
          dotRows: run.dotRowsHalf,
          dot: run.dotHalf,
          addScaled: run.addScaledHalf,
          centre: run.centreHalf,
          centreColumns: run.centreColumnsHalf,
          addPair: run.addPairHalf,
          pairProducts: run.pairProductsHalf,
          quantise: run.quantiseHalf,
        }
      : {
          square: run.squareFloat,
          dotRows: run.dotRowsFloat,
          dot: run.dotFloat,
          addScaled: run.addScaledFloat,
          centre: run.centreFloat,
          centreColumns: run.centreColumnsFloat,
          addPair: run.addPairFloat,
          pairProducts: run.pairProductsFloat,
          quantise: run.quantiseFloat,
        };
  }

  /** How far sums lie from `picked` times the means; see the kernel. */
  drift(sums: number, means: number, picked: number, count: number, out: number): void {
    this.run.drift(sums, means, picked, count, out);
  }

  /** Steps of the reduction of a symmetric matrix to a tridiagonal one; see the kernel. */
  reduce(...given: Parameters<Exports['reduce']>): void {
    this.run.reduce(...given);
  }

  /** Applies the reflections of a reduction to rows of vectors, the last one first; see the kernel. */
  reflectBack(...given: Parameters<Exports['reflectBack']>): void {
    this.run.reflectBack(...given);
  }

  /** y = A·x of a symmetric matrix */
  timesVector(...given: Parameters<Exports['timesVector']>): void {
    this.run.timesVector(...given);
  }

  /** Takes away of a vector what it has of unit vectors, one after another. */
  takeAway(...given: Parameters<Exports['takeAway']>): void {
    this.run.takeAway(...given);
  }

  /** How many eigenvalues of a tridiagonal matrix are at least each of eight shifts; see the kernel. */
  countAtLeast(...given: Parameters<Exports['countAtLeast']>): void {
    this.run.countAtLeast(...given);
  }

  /** into[i] += values[i], from float32. */
  addFloats(...given: Parameters<Exports['addFloats']>): void {
    this.run.addFloats(...given);
  }

  /** into[i] += values[i] + whole − whole */
  addRounded(...given: Parameters<Exports['addRounded']>): void {
    this.run.addRounded(...given);
  }

  /** values[i] *= factor, and Σ of their squares then. */
  scaleAndSquare(...given: Parameters<Exports['scaleAndSquare']>): number {
    return this.run.scaleAndSquare(...given);
  }

  /** What a set adds to its prefix and to its sum, and how far the prefix is from all pairs; see the kernel. */
  addPrefix(floats: boolean, ...given: Parameters<Exports['addPrefixFloat']>): number {
    return floats ? this.run.addPrefixFloat(...given) : this.run.addPrefixDouble(...given);
  }

  /** Where in float32 values something is above a limit: into `places`, 32 bits each; how many there are. */
  above(values: number, count: number, limit: number, places: number): number {
    return this.run.above(values, count, limit, places);
  }

  /** Coordinates of a row for either side of a product in bytes; see the kernel. */
  roundForBoth(...given: Parameters<Exports['roundForBoth']>): void {
    this.run.roundForBoth(...given);
  }

  /** Where bounds from products in bytes are above a limit, likewise; see the kernel. */
  boundsAbove(...given: Parameters<Exports['boundsAbove']>): number {
    return this.run.boundsAbove(...given);
  }

  /** What a set adds of a class, and what it is then; see the kernel. */
  noteSet(...given: Parameters<Exports['noteSet']>): void {
    this.run.noteSet(...given);
  }

  /** target[i] += source[i] for whole numbers of 64 bits. */
  addWhole(target: number, source: number, count: number): void {
    this.run.addWhole(target, source, count);
  }

  /** target[i] = source[i]·unit, from whole numbers of 64 bits. */
  wholeToFloat(source: number, target: number, unit: number, count: number): void {
    this.run.wholeToFloat(source, target, unit, count);
  }

  uint8(length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.memory.buffer, this.reserve(length), length);
  }

  int8(length: number): Int8Array<ArrayBuffer> {
    return new Int8Array(this.memory.buffer, this.reserve(length), length);
  }

  uint16(length: number): Uint16Array<ArrayBuffer> {
    return new Uint16Array(this.memory.buffer, this.reserve(2 * length), length);
  }

  int32(length: number): Int32Array<ArrayBuffer> {
    return new Int32Array(this.memory.buffer, this.reserve(4 * length), length);
  }

  float32(length: number): Float32Array<ArrayBuffer> {
    return new Float32Array(this.memory.buffer, this.reserve(4 * length), length);
  }

  float64(length: number): Float64Array<ArrayBuffer> {
    return new Float64Array(this.memory.buffer, this.reserve(8 * length), length);
  }

  /** How much is taken; `rewind` to it gives back all that was allocated since. */
  get mark(): number {
    return this.next;
  }

  rewind(mark: number): void {
    this.next = mark;
  }

  private reserve(bytes: number): number {
    const at = this.next;
    this.next += Math.ceil(bytes / 16) * 16;
    if (this.next > this.memory.buffer.byteLength) throw new Error('kernel memory is too small');
    return at;
  }
}
