import { Tensor } from 'onnxruntime-node';
import { createSession, type Device } from './device.js';
import { chainGraph, halfProductGraph, outerProductGraph } from './graphs.js';
import type { ProbeAnswer } from './probeAnswer.js';

/** What a device makes of the probe's products. */
export interface Measured {
  /** leftᵀ · right of fixed rows, to be compared. */
  product: Float32Array;
  /** GFLOP/s of a chain of products; 0 where nothing was timed. */
  rate: number;
}

const [ROWS, DIM] = [64, 32];

/**
 * The chain is like an encoder: much arithmetic on few numbers sent. With one product of rows as wide as its result, a
 * GPU behind a slow upload would lose to a CPU that it outruns tenfold in an image tower.
 */
const CHAIN = { narrow: 32, wide: 512, links: 8 };
/** Rows of the first timed run and of the largest: a fast device needs many before its own start stops counting. */
const [LEAST_ROWS, MOST_ROWS] = [16, 4096];
/** A run of this length is long enough to be timed. */
const ENOUGH_MS = 40;

/** The fixed product, and the rate where it is asked for; nothing may run on the CPU in the device's stead. */
export async function measure(name: Device['name'], timed: boolean): Promise<Measured> {
  const device: Device = { name, report: { used: name, refused: [] } };
  const product = await productOf(outerProductGraph(), device);
  return { product, rate: timed ? await rateOf(device) : 0 };
}

/** The same product in half precision. */
export async function measureHalf(name: Device['name']): Promise<Measured> {
  const device: Device = { name, report: { used: name, refused: [] } };
  return { product: await productOf(halfProductGraph(), device), rate: 0 };
}

async function productOf(graph: Uint8Array, device: Device): Promise<Float32Array> {
  const session = await createSession(graph, device, { alone: true });
  const { product } = await session.run({
    left: waves(ROWS, DIM, Math.sin),
    right: waves(ROWS, DIM, Math.cos),
  });
  await session.release();
  return product!.data as Float32Array;
}

/** Parts of the largest number: what TF32 may lose, and half precision with sums in half; no wrong kernel keeps them. */
const TOLERANCE = 1e-3;
export const HALF_TOLERANCE = 1e-2;

/** What two measurements say of the provider. */
export function verdict(found: Measured, cpu: Measured, tolerance = TOLERANCE): ProbeAnswer {
  const largest = cpu.product.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const error = cpu.product.reduce(
    (most, value, i) => Math.max(most, Math.abs(value - found.product[i]!)),
    0,
  );
  return error <= tolerance * largest
    ? { rate: found.rate, cpuRate: cpu.rate }
    : { reason: `its results differ from the CPU's by ${error.toExponential(1)}.` };
}

/** Ever longer runs until one can be timed; each size runs once before, since a first run compiles and allocates. */
async function rateOf(device: Device): Promise<number> {
  const { narrow, wide, links } = CHAIN;
  const session = await createSession(chainGraph(narrow, wide, links), device, { alone: true });
  let rate = 0;
  for (let rows = LEAST_ROWS; rows <= MOST_ROWS; rows *= 4) {
    const feeds = { rows: waves(rows, narrow, Math.sin) };
    await session.run(feeds);
    const start = performance.now();
    await session.run(feeds);
    const ms = performance.now() - start;
    rate = (2 * rows * wide * (narrow + links * wide)) / (ms * 1e6);
    if (ms >= ENOUGH_MS) break;
  }
  await session.release();
  return rate;
}

function waves(rows: number, columns: number, wave: (x: number) => number): Tensor {
  return new Tensor(
    'float32',
    Float32Array.from({ length: rows * columns }, (_, i) => wave(i)),
    [rows, columns],
  );
}
