import { forgetDevice } from '../engine/chooseDevice.js';
import { runtimeReason, type Device } from '../engine/device.js';
import { ClipcovError } from '../errors.js';
import { createEncoder, type Encoder } from './encoder.js';
import type { ProxyModel } from './model.js';

/** What to do when a device fails: the device to go on with, or an error that ends the run. */
export type OnLost = (lost: Device, reason: string, cause: unknown) => Promise<Device>;

interface Tools {
  onLost: OnLost;
  /** Makes the encoder of one device. */
  open?: typeof createEncoder;
}

/**
 * An encoder that outlives its device: where an accelerator fails (it was lost, or its memory is full), the same batch is
 * run again on the device that `onLost` names, and all that follow. What the CPU cannot do ends the run.
 */
export async function encoderWithNext(model: ProxyModel, first: Device, tools: Tools): Promise<Encoder> {
  const { onLost, open = createEncoder } = tools;
  const openOn = async (device: Device): Promise<{ device: Device; encoder: Encoder }> => {
    try {
      const encoder = await open(model, device);
      using = device.name;
      return { device, encoder };
    } catch (error) {
      // Whether the model or the device is at fault shows on the CPU, whose answer is the last.
      if (device.name === 'cpu') throw error;
      return openOn(await onLost(device, runtimeReason(error), error));
    }
  };
  let using = first.name;
  let current = openOn(first);
  const run = async (batch: (encoder: Encoder) => Promise<Float32Array>): Promise<Float32Array> => {
    const used = current;
    const { device, encoder } = await used;
    try {
      return await batch(encoder);
    } catch (error) {
      if (device.name === 'cpu' || error instanceof ClipcovError) throw error;
      // Of batches that fail together, the first finds the device for all.
      if (current === used) {
        current = onLost(device, runtimeReason(error), error).then(openOn);
        await current;
        // What is left of it may be beyond being released.
        await encoder.release().catch(() => undefined);
      }
      return run(batch);
    }
  };
  const { encoder } = await current;
  return {
    get device() {
      return using;
    },
    images: (pixels) => run((on) => on.images(pixels)),
    texts: (tokens) => run((on) => on.texts(tokens)),
    // The model's alone, whatever the device.
    tokenize: (caption) => encoder.tokenize(caption),
    release: async () => (await current).encoder.release(),
  };
}

/** For a device that was asked for by name: no other takes its place. */
export async function endsTheRun(lost: Device, reason: string, cause: unknown): Promise<never> {
  // Not lost: it never could, and the error says why.
  if (cause instanceof ClipcovError) throw cause;
  forgetDevice(lost);
  throw new ClipcovError('device-lost', `The device '${lost.name}' failed in mid-run: ${reason}`, {
    fix: 'Run it again: finished parts are kept. --device auto goes on with the next device by itself.',
    cause,
  });
}
