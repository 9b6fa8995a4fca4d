import { basename } from 'node:path';
import type { Encoder } from '../embeddings/encoder.js';
import { encoderWithNext, endsTheRun } from '../embeddings/encoderWithNext.js';
import { loadModel, type ProxyModel } from '../embeddings/model.js';
import { chooseDevice, nextDevice } from '../engine/chooseDevice.js';
import { ClipcovError } from '../errors.js';
import { findModel } from '../hub/findModel.js';
import type { DeviceChoice } from '../protocol/fields.js';
import type { ModelVariant } from '../protocol/models.js';
import type { DeviceReport } from '../protocol/progress.js';
import { throwIfCancelled, type JobContext } from '../context.js';
import { compareVariant, type VariantComparison } from './compareVariant.js';
import { breathe } from './progress.js';

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
  /** A variant beside it, where that was asked for. */
  comparison: (VariantComparison & { imagesPerSecond: number }) | null;
}

export interface CheckModelParams {
  model: string;
  device: DeviceChoice;
  /** A variant that lies in the same folder; the model is then the full one. */
  compare?: ModelVariant | undefined;
}

type Context = Pick<JobContext, 'cancelled'>;

const BATCH = 8;
const MEASURED_MS = 1000;

/** Opens a model, embeds an image and a caption, and says how fast it is; and how near a variant of it comes. */
export async function checkModelJob(params: CheckModelParams, context: Context): Promise<ModelCheck> {
  const { compare } = params;
  const { folder, ...found } = findModel(params.model);
  const model = await loadModel(folder, compare === undefined ? found : { ...found, variant: null });
  // Before anything computes: what is missing is told at once.
  const other = compare && (await loadModel(folder, { ...found, variant: compare }));
  let device = await chooseDevice(params.device);
  const opened: Encoder[] = [];
  const open = async (one: ProxyModel): Promise<Encoder> => {
    const encoder = await encoderWithNext(one, device, {
      onLost: async (lost, reason, cause) =>
        (device = await (params.device === 'auto'
          ? nextDevice(lost, reason)
          : endsTheRun(lost, reason, cause))),
    });
    opened.push(encoder);
    return encoder;
  };
  try {
    const encoder = await open(model);
    const imagesPerSecond = await tryOut(model, encoder, context);
    let comparison: ModelCheck['comparison'] = null;
    if (other) {
      const variant = { model: other, encoder: await open(other), precision: compare! };
      const rate = await tryOut(other, variant.encoder, context);
      const agreement = await compareVariant({ model, encoder }, variant, async () => {
        throwIfCancelled(context);
        await breathe();
      });
      comparison = { ...agreement, imagesPerSecond: rate };
    }
    return {
      name: model.name,
      folder: model.folder,
      vision: basename(model.vision),
      dim: model.dim,
      contextLength: model.contextLength,
      pixels: [model.pixels.cropWidth, model.pixels.cropHeight],
      classes: model.classNames?.length ?? 0,
      device: device.report,
      imagesPerSecond,
      comparison,
    };
  } finally {
    for (const encoder of opened) await encoder.release();
  }
}

/** Images a second. */
async function tryOut(model: ProxyModel, encoder: Encoder, context: Context): Promise<number> {
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
        where: model.vision,
        fix: 'Choose another device, or another precision of the model.',
      });
  const start = performance.now();
  let images = 0;
  do {
    throwIfCancelled(context);
    await encoder.images(new Array<Buffer>(BATCH).fill(image));
    images += BATCH;
  } while (performance.now() - start < MEASURED_MS);
  return (1000 * images) / (performance.now() - start);
}
