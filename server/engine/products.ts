import { Tensor, type InferenceSession } from 'onnxruntime-node';
import type { Products } from '../selection/products.js';
import { createSession, type Device, type SessionChoices } from './device.js';
import {
  addCrossGraph,
  crossInBytesGraph,
  crossInDoubleGraph,
  crossProductGraph,
  exponentialSumsGraph,
  outerProductGraph,
  positiveSumsGraph,
  rowMaxGraph,
} from './graphs.js';

/** Added to what must not be the maximum: below every cosine by more than any two cosines differ. */
const MASKED = -4;

/** The products of rows of one width on a device; a session is made when its product is first asked for. */
export class EngineProducts implements Products {
  private readonly sessions = new Map<string, Promise<InferenceSession>>();

  constructor(
    private readonly device: Device,
    private readonly dim: number,
  ) {}

  async outer(left: Float32Array, right: Float32Array): Promise<Float32Array> {
    const session = await this.session('outer', outerProductGraph, this.device, { asWritten: true });
    return outer(session, left, right, left.length / this.dim);
  }

  async rowMaxima(left: Float32Array, right: Float32Array, earlierOnly: boolean): Promise<Float32Array> {
    const session = await this.session('rowMaxima', rowMaxGraph);
    const count = left.length / this.dim;
    const mask = earlierOnly
      ? new Tensor('float32', laterMask(count), [count, count])
      : new Tensor('float32', new Float32Array(1), [1, 1]);
    return (await session.run({ left: this.rows(left), right: this.rows(right), mask }))['max']!
      .data as Float32Array;
  }

  async cross(
    left: Float32Array,
    right: Float32Array,
    width = this.dim,
    into?: Float32Array,
  ): Promise<Float32Array> {
    const session = await this.session('cross', () => crossProductGraph());
    const rows = { left: this.rows(left, width), right: this.rows(right, width) };
    if (!into) return (await session.run(rows))['cosine']!.data as Float32Array;
    const size = [left.length / width, right.length / width] as const;
    const own = into.subarray(0, size[0] * size[1]);
    await session.run(rows, { cosine: new Tensor('float32', own, size) });
    return own;
  }

  async addCross(left: Float32Array, right: Float32Array, width: number, into: Float32Array): Promise<void> {
    const session = await this.session('addCross', () => addCrossGraph());
    // The memory of what it is added to is that of the sum, too.
    const sum = new Tensor('float32', into, [left.length / width, right.length / width]);
    await session.run({ left: this.rows(left, width), right: this.rows(right, width), before: sum }, { sum });
  }

  async crossInBytes(left: Uint8Array, right: Int8Array, width: number, into: Int32Array): Promise<void> {
    const session = await this.session('crossInBytes', crossInBytesGraph, this.cpu());
    const size = [left.length / width, right.length / width] as const;
    await session.run(
      {
        left: new Tensor('uint8', left, [size[0], width]),
        right: new Tensor('int8', right, [width, size[1]]),
      },
      { product: new Tensor('int32', into.subarray(0, size[0] * size[1]), size) },
    );
  }

  async crossInDouble(left: Float64Array, right: Float64Array, width = this.dim): Promise<Float64Array> {
    const session = await this.session('crossInDouble', () => crossInDoubleGraph(), this.cpu());
    return (await session.run({ left: this.doubles(left, width), right: this.doubles(right, width) }))[
      'cosine'
    ]!.data as Float64Array;
  }

  async positiveSums(
    left: Float64Array,
    right: Float64Array,
  ): Promise<{ ofLeft: Float64Array; ofRight: Float64Array }> {
    const session = await this.session('positiveSums', positiveSumsGraph, this.cpu());
    const { ofLeft, ofRight } = await session.run({ left: this.doubles(left), right: this.doubles(right) });
    return { ofLeft: ofLeft!.data as Float64Array, ofRight: ofRight!.data as Float64Array };
  }

  async exponentialSums(
    left: Float32Array,
    right: Float32Array,
    scale: number,
  ): Promise<Record<'leftMax' | 'leftSum' | 'rightMax' | 'rightSum', Float32Array>> {
    const session = await this.session('exponentialSums', exponentialSumsGraph);
    const found = await session.run({
      left: this.rows(left),
      right: this.rows(right),
      scale: new Tensor('float32', Float32Array.of(scale), [1]),
    });
    const data = (name: string): Float32Array => found[name]!.data as Float32Array;
    return {
      leftMax: data('leftMax'),
      leftSum: data('leftSum'),
      rightMax: data('rightMax'),
      rightSum: data('rightSum'),
    };
  }

  async release(): Promise<void> {
    for (const session of this.sessions.values()) await (await session).release();
    this.sessions.clear();
  }

  private session(
    name: string,
    graph: (dim: number) => Uint8Array,
    device = this.device,
    choices: SessionChoices = {},
  ): Promise<InferenceSession> {
    const known = this.sessions.get(name) ?? createSession(graph(this.dim), device, choices);
    this.sessions.set(name, known);
    return known;
  }

  /** For what most accelerators have not. */
  private cpu(): Device {
    const { report, threads } = this.device;
    return { name: 'cpu', report, ...(threads !== undefined && { threads }) };
  }

  private doubles(values: Float64Array, width = this.dim): Tensor {
    return new Tensor('float64', values, [values.length / width, width]);
  }

  private rows(values: Float32Array, width = this.dim): Tensor {
    return new Tensor('float32', values, [values.length / width, width]);
  }
}

/** leftᵀ · right of blocks of `rows` rows, each of any width: what two sides of different encoders need. */
export async function openOuter(device: Device): Promise<{
  outer(left: Float32Array, right: Float32Array, rows: number): Promise<Float32Array>;
  release(): Promise<void>;
}> {
  const session = await createSession(outerProductGraph(), device, { asWritten: true });
  return {
    outer: (left, right, rows) => outer(session, left, right, rows),
    release: () => session.release(),
  };
}

async function outer(
  session: InferenceSession,
  left: Float32Array,
  right: Float32Array,
  rows: number,
): Promise<Float32Array> {
  const block = (values: Float32Array): Tensor => new Tensor('float32', values, [rows, values.length / rows]);
  return (await session.run({ left: block(left), right: block(right) }))['product']!.data as Float32Array;
}

/** [rows, rows]: 0 strictly below the diagonal, MASKED elsewhere. */
function laterMask(rows: number): Float32Array {
  const mask = new Float32Array(rows * rows).fill(MASKED);
  for (let i = 0; i < rows; i++) mask.fill(0, i * rows, i * rows + i);
  return mask;
}
