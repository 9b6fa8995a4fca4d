import { basename } from 'node:path';
import { createEncoder } from '../embeddings/encoder.js';
import { chooseDevice } from '../engine/chooseDevice.js';
import { ClipcovError } from '../errors.js';
import type { DeviceChoice, DeviceReport } from '../protocol/contract.js';
import { throwIfCancelled, type JobContext } from '../context.js';
import { openModel } from './workspace.js';

/** What a model is, seen by using it. */
export interface ModelCheck {
  name: string;
  folder: string;
  /** The image tower's file, which says the precision. */
  vision: string;
  /** Width d of an embedding. */
  dim: number;
  /** Tokens of the longest caption. */
  contextLength: number;
  /** Width and height of what the image tower sees. */
  pixels: [number, number];
  /** Class names that come with it. */
  classes: number;
  device: DeviceReport;
  /** Roughly: batches of noise for about a second, decoding left out. */
  imagesPerSecond: number;
}

const BATCH = 8;
const MEASURED_MS = 1000;

/** Opens a model, embeds an image and a caption, and says how fast it is. */
export async function checkModelJob(
  params: { model: string; device: DeviceChoice },
  context: Pick<JobContext, 'cancelled'>,
): Promise<ModelCheck> {
  const model = await openModel(params.model);
  const device = await chooseDevice(params.device);
  const encoder = await createEncoder(model, device);
  try {
    const { cropWidth, cropHeight } = model.pixels;
    const image = Buffer.from(
      Uint8Array.from({ length: 3 * cropWidth * cropHeight }, (_, i) => (i * 97) % 256),
    );
    for (const row of [
      await encoder.images([image]),
      await encoder.texts([encoder.tokenize('a photo of a cat')]),
    ])
      if (row.length !== model.dim || !row.every(Number.isFinite))
        throw new ClipcovError('model-unreadable', 'The model gives embeddings that are no numbers.', {
          where: model.folder,
          fix: 'Choose another device, or another precision of the model.',
        });
    const start = performance.now();
    let images = 0;
    do {
      throwIfCancelled(context);
      await encoder.images(new Array<Buffer>(BATCH).fill(image));
      images += BATCH;
    } while (performance.now() - start < MEASURED_MS);
    return {
      name: model.name,
      folder: model.folder,
      vision: basename(model.vision),
      dim: model.dim,
      contextLength: model.contextLength,
      pixels: [cropWidth, cropHeight],
      classes: model.classNames?.length ?? 0,
      device: device.report,
      imagesPerSecond: (1000 * images) / (performance.now() - start),
    };
  } finally {
    await encoder.release();
  }
}
