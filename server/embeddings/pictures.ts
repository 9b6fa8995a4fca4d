import sharp from 'sharp';
import { oncePerProcess } from '../oncePerProcess.js';
import type { PixelPlan } from './model.js';

// These two are the process's as well, but each thread that loads sharp sets them back, and no picture is lost to that.
// One libvips thread an image; the pipeline keeps several images in flight instead.
sharp.concurrency(1);
// Decoded pictures are not seen twice; a cache would only grow the process.
sharp.cache(false);
// Raster formats alone: an SVG or PDF is a program that may ask for other files. The list is the process's: were it set anew
// by each thread, pictures that another one decodes at that moment would be refused.
oncePerProcess(() => {
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({
    operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif', 'Tiff'].map((format) => `VipsForeignLoad${format}`),
  });
});

/** Larger pictures are refused before they are decoded (a decompression bomb is small on disk). */
const MAX_PIXELS = 2 ** 28;

/**
 * Decodes an image into 8-bit RGB of cropWidth × cropHeight, the layout [height, width, 3]: shortest edge resized,
 * centre cropped, transparency over white, EXIF rotation ignored as PIL ignores it. Throws on a damaged file.
 */
export async function decodeImage(bytes: Buffer, plan: PixelPlan): Promise<Buffer> {
  const image = sharp(bytes, { failOn: 'error', limitInputPixels: MAX_PIXELS });
  const resized = resizedTo(await image.metadata(), plan);
  return image
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .resize(resized.width, resized.height, { kernel: plan.kernel, fit: 'fill' })
    .extract({
      left: Math.floor((resized.width - plan.cropWidth) / 2),
      top: Math.floor((resized.height - plan.cropHeight) / 2),
      width: plan.cropWidth,
      height: plan.cropHeight,
    })
    .removeAlpha()
    .raw()
    .toBuffer();
}

function resizedTo(
  { width, height }: { width: number; height: number },
  { resize }: PixelPlan,
): { width: number; height: number } {
  if ('width' in resize) return resize;
  const short = resize.shortestEdge;
  // The long edge is cut to whole pixels as torchvision and transformers cut it, not rounded.
  const long = Math.floor((short * Math.max(width, height)) / Math.min(width, height));
  return width <= height ? { width: short, height: long } : { width: long, height: short };
}

const LOOK_EDGE = 64;

/**
 * Width and height of a picture, and the standard deviation (of 255) of the channel that varies most, at 64 × 64 pixels and
 * over white. Throws on a damaged file.
 */
export async function imageStatistics(
  bytes: Buffer,
): Promise<{ width: number; height: number; deviation: number }> {
  const image = sharp(bytes, { failOn: 'error', limitInputPixels: MAX_PIXELS });
  const { width, height } = await image.metadata();
  const pixels = await image
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .resize(LOOK_EDGE, LOOK_EDGE, { fit: 'fill' })
    .removeAlpha()
    .raw()
    .toBuffer();
  const area = LOOK_EDGE * LOOK_EDGE;
  const channels = pixels.length / area;
  let variance = 0;
  for (let channel = 0; channel < channels; channel++) {
    let [sum, squares] = [0, 0];
    for (let at = channel; at < pixels.length; at += channels) {
      sum += pixels[at]!;
      squares += pixels[at]! ** 2;
    }
    variance = Math.max(variance, squares / area - (sum / area) ** 2);
  }
  return { width, height, deviation: Math.sqrt(variance) };
}

/** A small WebP of the picture as a data: URI, for previews. */
export async function thumbnail(bytes: Buffer, edge: number): Promise<string> {
  const webp = await sharp(bytes, { failOn: 'error', limitInputPixels: MAX_PIXELS })
    .rotate()
    .resize(edge, edge, { fit: 'inside', withoutEnlargement: true })
    .webp({ quality: 75 })
    .toBuffer();
  return `data:image/webp;base64,${webp.toString('base64')}`;
}

/**
 * Why a picture cannot be decoded, in words that do not change from run to run: libvips' own messages do, and the
 * reason is stored.
 */
export function decodeFailure(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  if (message.includes('unsupported image format')) return 'image format is not supported';
  if (message.includes('exceeds pixel limit')) return `image has more than ${MAX_PIXELS} pixels`;
  return 'image is damaged or truncated';
}
