import type { Device } from '../engine/device.js';
import type { ProxyModel } from './model.js';

/** Above this size of an intermediate, the rate of a GPU was measured to fall to a third or a quarter. */
const INTERMEDIATE_BYTES = 160 * 2 ** 20;

/** The most images that a batch on the device should have. A CPU has no such limit; no batch has fewer than two. */
export function largestBatch(
  { imageBytes }: Pick<ProxyModel, 'imageBytes'>,
  { name }: Pick<Device, 'name'>,
): number {
  return name === 'cpu' ? Infinity : Math.max(2, Math.floor(INTERMEDIATE_BYTES / imageBytes));
}
