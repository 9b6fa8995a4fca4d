import type { PixelPlan } from './model.js';

/** 8-bit pixels [height, width, 3] → one image of `pixel_values` [3, height, width], scaled and normalised. */
export function normalisePixels(
  pixels: Uint8Array,
  plan: PixelPlan,
  target: Float32Array,
  offset: number,
): void {
  const area = plan.cropWidth * plan.cropHeight;
  for (let channel = 0; channel < 3; channel++) {
    const factor = plan.rescale / plan.std[channel]!;
    const shift = plan.mean[channel]! / plan.std[channel]!;
    for (let p = 0, at = offset + channel * area; p < area; p++, at++)
      target[at] = pixels[p * 3 + channel]! * factor - shift;
  }
}
