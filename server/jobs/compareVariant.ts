import { basename } from 'node:path';
import { encodeCaptions } from '../embeddings/classEmbeddings.js';
import type { Encoder } from '../embeddings/encoder.js';
import { readBundledClasses, type PixelPlan, type ProxyModel } from '../embeddings/model.js';
import type { ModelVariant } from '../protocol/models.js';

/** How near a variant's embeddings are to the full model's: cosines of the same inputs. */
export interface VariantComparison {
  variant: ModelVariant;
  /** Its image tower's file. */
  vision: string;
  /** Images drawn, and as many captions. */
  sample: number;
  images: Agreement;
  captions: Agreement;
}

export interface Agreement {
  mean: number;
  worst: number;
}

interface Opened {
  model: ProxyModel;
  encoder: Encoder;
}

const SAMPLE = 32;
/** Images of one run: few, as a large model takes long for each. */
const BATCH = 8;

/** Embeds one sample with both; `onBatch` is awaited between batches. */
export async function compareVariant(
  full: Opened,
  variant: Opened & { precision: ModelVariant },
  onBatch: () => Promise<void>,
): Promise<VariantComparison> {
  const { dim, pixels } = full.model;
  const pictures = Array.from({ length: SAMPLE }, (_, i) => drawPicture(i, pixels));
  const captions = sampleCaptions(full.model);
  const imagesOf = async ({ encoder }: Opened): Promise<Float32Array> => {
    const rows = new Float32Array(SAMPLE * dim);
    for (let first = 0; first < SAMPLE; first += BATCH) {
      rows.set(await encoder.images(pictures.slice(first, first + BATCH)), first * dim);
      await onBatch();
    }
    return rows;
  };
  const textsOf = ({ encoder }: Opened): Promise<Float32Array> =>
    encodeCaptions(encoder, captions, dim, onBatch);
  return {
    variant: variant.precision,
    vision: basename(variant.model.vision),
    sample: SAMPLE,
    images: agreement(await imagesOf(full), await imagesOf(variant), dim),
    captions: agreement(await textsOf(full), await textsOf(variant), dim),
  };
}

/** Of unit rows. */
function agreement(full: Float32Array, variant: Float32Array, dim: number): Agreement {
  const cosines = Array.from({ length: full.length / dim }, (_, row) => {
    let cosine = 0;
    for (let j = row * dim; j < (row + 1) * dim; j++) cosine += full[j]! * variant[j]!;
    return cosine;
  });
  const mean = cosines.reduce((sum, cosine) => sum + cosine, 0) / cosines.length;
  return { mean, worst: Math.min(...cosines) };
}

/** Names that come with the model or the product, spread over all of them, each as a caption. */
function sampleCaptions({ classNames }: ProxyModel): string[] {
  const names = classNames ?? readBundledClasses('imagenet-1k').names;
  return Array.from(
    { length: SAMPLE },
    (_, i) => `a photo of a ${names[Math.floor((i * names.length) / SAMPLE)]!}`,
  );
}

/** A disc of one colour on a striped ground that runs into another: no two of the sample are alike. */
function drawPicture(number: number, { cropWidth: width, cropHeight: height }: PixelPlan): Buffer {
  const colour = (seed: number): number[] => [53, 97, 151].map((step) => ((seed + 1) * step) % 256);
  const [near, far, disc] = [colour(number), colour(number + 7), colour(number + 19)] as const;
  const left = width * (0.3 + 0.4 * Math.sin(number) ** 2);
  const top = height * (0.3 + 0.4 * Math.cos(number) ** 2);
  const radius = (0.1 + 0.03 * (number % 8)) * Math.min(width, height);
  const picture = Buffer.alloc(3 * width * height);
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const inside = Math.hypot(x - left, y - top) < radius;
      const stripe = 24 * Math.sin(((number % 5) * x + (number % 3) * y) / 4);
      const blend = (x + y) / (width + height);
      for (let channel = 0; channel < 3; channel++, at++) {
        const ground = near[channel]! * (1 - blend) + far[channel]! * blend + stripe;
        picture[at] = inside ? disc[channel]! : Math.max(0, Math.min(255, ground));
      }
    }
  return picture;
}
