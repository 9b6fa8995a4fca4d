import { Worker } from 'node:worker_threads';
import '../oncePerProcess.js';
import { tokenizerOf, type Encoder, type TowerModel, type Towers } from '../embeddings/encoder.js';
import type { ProxyModel } from '../embeddings/model.js';
import { atMost } from '../embeddings/parallel.js';
import type { Device } from '../engine/device.js';
import { unpackError } from '../threadErrors.js';
import type { PoolMessage } from './taskPool.js';

/** What the thread is started with. */
export interface TowerSetup {
  model: TowerModel;
  device: Device;
}

/** A batch; to the first question, `open`, the answer holds no row. */
export type TowerTask =
  { kind: 'open' } | { kind: 'images'; pixels: Uint8Array[] } | { kind: 'texts'; tokens: number[][] };

/** Where the bundles lie; from sources the thread's script is found in the built product. */
const SCRIPT = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/towerWorker.js' : './towerWorker.js',
  import.meta.url,
);

/**
 * An encoder whose towers have a thread of their own. The runtime holds the thread that asks until a batch is done: if that were
 * the one that reads and decodes, no image would come a step nearer meanwhile, and cores would have nothing to do.
 */
export async function encoderInThread(model: ProxyModel, device: Device): Promise<Encoder> {
  // The words stay here: a thread that is handed them would keep them a second time.
  const { tokenizer, ...towerModel } = model;
  const tokenize = tokenizerOf({ tokenizer, contextLength: model.contextLength });
  const towers = await openInThread({ model: towerModel, device });
  return { ...towers, device: device.name, tokenize };
}

async function openInThread(setup: TowerSetup): Promise<Towers> {
  const worker = new Worker(SCRIPT, { workerData: setup, stdout: true });
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const inTurn = atMost(1);
  const ask = (task: TowerTask): Promise<Float32Array> => inTurn(() => answerOf(worker, task));
  // It ends by itself: terminated inside native code, it would take the process along.
  const release = (): Promise<void> =>
    inTurn(async () => {
      worker.ref();
      worker.postMessage(null);
      await ended;
    });
  // Whoever forgets to release it can end all the same.
  worker.unref();
  try {
    await ask({ kind: 'open' });
  } catch (error) {
    await release();
    throw error;
  }
  const shared = sharedPixels();
  return {
    images: (pixels) => inTurn(() => answerOf(worker, { kind: 'images', pixels: shared(pixels) })),
    texts: (tokens) => ask({ kind: 'texts', tokens }),
    release,
  };
}

/**
 * Where a batch's pictures lie for both threads. Sent as they are, each would be copied into memory of its own that the
 * other thread keeps until it is collected.
 */
function sharedPixels(): (pixels: Uint8Array[]) => Uint8Array[] {
  let memory = new SharedArrayBuffer(0);
  return (pixels) => {
    const bytes = pixels.reduce((sum, { length }) => sum + length, 0);
    if (memory.byteLength < bytes) memory = new SharedArrayBuffer(bytes);
    let end = 0;
    return pixels.map((picture) => {
      const copy = new Uint8Array(memory, end, picture.length);
      copy.set(picture);
      end += picture.length;
      return copy;
    });
  };
}

function answerOf(worker: Worker, task: TowerTask): Promise<Float32Array> {
  return new Promise((resolve, reject) => {
    const settle = (settled: () => void): void => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      worker.unref();
      settled();
    };
    const onMessage = (message: PoolMessage<Float32Array>): void =>
      settle(() => ('error' in message ? reject(unpackError(message.error)) : resolve(message.answer)));
    const onError = (error: unknown): void => settle(() => reject(error as Error));
    const onExit = (code: number): void =>
      settle(() => reject(new Error(`the thread of the model ended with code ${code}`)));
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    worker.ref();
    worker.postMessage(task);
  });
}
