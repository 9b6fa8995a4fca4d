import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Tensor } from 'onnxruntime-node';
import type { Device, SessionChoices } from '../engine/device.js';
import type { PixelPlan, ProxyModel } from './model.js';
import { PIXELS, withPixelInput } from './pixelGraph.js';
import { normalisePixels } from './pixels.js';

/**
 * Beyond this the file is used as it is: a graph in memory is there twice while a session is made of it, and a tower this
 * large computes longer on an image than its numbers take to be sent.
 */
const MAX_REWRITTEN = 512 * 2 ** 20;

/** How decoded pictures get into the image tower on a device. */
export interface VisionInput {
  source: string | Uint8Array;
  choices: SessionChoices;
  /** Name and type of the graph's input. */
  name: string;
  type: 'float32' | 'uint8';
  /** The pictures as one batch of `rows`, which may be more. It is there until the next one is made in its place. */
  tensor(pixels: Uint8Array[], rows: number): Tensor;
}

/**
 * On the CPU, numbers that are normalised here; on any other device, 8-bit pixels that its graph normalises. A batch is
 * sent when the one before is done: the runtime's `run` holds the thread until it has the result, so that two cannot be
 * under way in one thread. Decoding goes on meanwhile in threads of its own.
 */
export async function visionInput(
  model: Pick<ProxyModel, 'vision' | 'pixels'>,
  device: Device,
): Promise<VisionInput> {
  const { vision: file, pixels: plan } = model;
  const { cropWidth: width, cropHeight: height } = plan;
  const size = 3 * width * height;
  const rewritten = device.name === 'cpu' ? null : await rewrite(file, plan);
  if (rewritten !== null) {
    const batch = reused(Uint8Array, size);
    return {
      source: rewritten,
      choices: { weightsIn: dirname(file) },
      name: PIXELS,
      type: 'uint8',
      tensor(pixels, rows) {
        const values = batch(rows, pixels.length);
        pixels.forEach((picture, i) => values.set(picture, i * size));
        return new Tensor('uint8', values, [rows, height, width, 3]);
      },
    };
  }
  const batch = reused(Float32Array, size);
  return {
    source: file,
    choices: {},
    name: 'pixel_values',
    type: 'float32',
    tensor(pixels, rows) {
      const values = batch(rows, pixels.length);
      pixels.forEach((picture, i) => normalisePixels(picture, plan, values, i * size));
      return new Tensor('float32', values, [rows, 3, height, width]);
    },
  };
}

/**
 * Memory of batches of rows of `size` numbers, taken once: ten megabytes anew for each batch are there until they are
 * collected, and the system hands them out page by page. Rows that are not `used` hold zeros.
 */
function reused<T extends Uint8Array | Float32Array>(
  Numbers: new (length: number) => T,
  size: number,
): (rows: number, used: number) => T {
  let all = new Numbers(0);
  return (rows, used) => {
    if (all.length < rows * size) all = new Numbers(rows * size);
    const values = all.subarray(0, rows * size) as T;
    values.fill(0, used * size);
    return values;
  };
}

async function rewrite(file: string, plan: PixelPlan): Promise<Uint8Array | null> {
  if ((await stat(file)).size > MAX_REWRITTEN) return null;
  const model = await readFile(file);
  try {
    return withPixelInput(model, plan);
  } catch {
    // A file that is no graph is for the runtime to refuse, in the same words on every device.
    return null;
  }
}
