import { existsSync, readFileSync } from 'node:fs';

/** The exports of `simd/kernels.ts`; pointers are bytes into the memory. */
interface Exports {
  widen(source: number, target: number, count: number): void;
  squaredNorm(row: number, count: number): number;
  dotRows(a: number, b: number, count: number): number;
  dot(row: number, vector: number, count: number): number;
  addScaled(target: number, row: number, scale: number, count: number): void;
  pairProducts(image: number, text: number, vectors: number, count: number, out: number): void;
}

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
  readonly run: Exports;
  private readonly memory: WebAssembly.Memory;
  private next = FIRST_FREE;

  /** `bytes`: the sum of what will be allocated, each allocation rounded up to 16. */
  constructor(bytes: number) {
    this.memory = new WebAssembly.Memory({ initial: Math.ceil((FIRST_FREE + bytes) / PAGE) + 1 });
    const environment = { memory: this.memory, abort: () => undefined };
    this.run = new WebAssembly.Instance(compile(), { env: environment }).exports as unknown as Exports;
  }

  uint16(length: number): Uint16Array {
    return new Uint16Array(this.memory.buffer, this.reserve(2 * length), length);
  }

  float32(length: number): Float32Array<ArrayBuffer> {
    return new Float32Array(this.memory.buffer, this.reserve(4 * length), length);
  }

  float64(length: number): Float64Array {
    return new Float64Array(this.memory.buffer, this.reserve(8 * length), length);
  }

  private reserve(bytes: number): number {
    const at = this.next;
    this.next += Math.ceil(bytes / 16) * 16;
    if (this.next > this.memory.buffer.byteLength) throw new Error('kernel memory is too small');
    return at;
  }
}
