import { Tokenizer } from '@huggingface/tokenizers';
import { Tensor } from 'onnxruntime-node';
import type { Device } from '../engine/device.js';
import { requireHalfPrecision } from '../engine/halfPrecision.js';
import type { ProxyModel } from './model.js';
import { leastBatch } from './leastBatch.js';
import { atMost } from './parallel.js';
import { openTower, unitRows } from './tower.js';
import { visionInput } from './visionInput.js';

/** Both towers of a CLIP. Rows come back as unit vectors, [rows, dim], float32. */
export interface Towers {
  /** Decoded pictures → image embeddings. */
  images(pixels: Uint8Array[]): Promise<Float32Array>;
  /** Token ids of captions of one length → text embeddings. */
  texts(tokens: number[][]): Promise<Float32Array>;
  release(): Promise<void>;
}

/** The towers on a device, with what makes tokens of captions. */
export interface Encoder extends Towers {
  /** What it computes on now. */
  readonly device: Device['name'];
  /** Token ids of a caption, special tokens included, cut to the model's context. */
  tokenize(caption: string): number[];
}

/** What the towers are made from: all of a model but its words. */
export type TowerModel = Omit<ProxyModel, 'tokenizer'>;

/** Encodes in the calling thread, which each batch holds until it is done. */
export async function createEncoder(model: ProxyModel, device: Device): Promise<Encoder> {
  return { ...(await openTowers(model, device)), device: device.name, tokenize: tokenizerOf(model) };
}

export function tokenizerOf(model: Pick<ProxyModel, 'tokenizer' | 'contextLength'>): Encoder['tokenize'] {
  const tokenizer = new Tokenizer(model.tokenizer.tokenizer, model.tokenizer.config);
  return (caption) => {
    const { ids } = tokenizer.encode(caption);
    return ids.length <= model.contextLength
      ? ids
      : [...ids.slice(0, model.contextLength - 1), ids[ids.length - 1]!];
  };
}

export async function openTowers(model: TowerModel, device: Device): Promise<Towers> {
  if (model.variant === 'fp16') await requireHalfPrecision(device);
  const least = leastBatch(device);
  const input = await visionInput(model, device);
  const vision = await openTower(
    {
      file: model.vision,
      source: input.source,
      choices: input.choices,
      inputs: { [input.name]: input.type },
      output: 'image_embeds',
    },
    device,
  );
  const text = await openTower(
    { file: model.text, inputs: { input_ids: 'int64' }, output: 'text_embeds' },
    device,
  ).catch(async (error: unknown) => {
    await vision.release();
    throw error;
  });
  // One batch after another lies in the same memory.
  const inTurn = atMost(1);
  return {
    images: (pixels) =>
      inTurn(async () => {
        const batch = input.tensor(pixels, Math.max(least, pixels.length));
        const found = await vision.run({ [input.name]: batch });
        return unitRows(found, 'image_embeds', pixels.length, model, device);
      }),
    async texts(tokens) {
      const rows = Math.max(least, tokens.length);
      const length = tokens[0]!.length;
      const ids = new BigInt64Array(rows * length);
      tokens.forEach((caption, i) => caption.forEach((id, j) => (ids[i * length + j] = BigInt(id))));
      const feeds: Record<string, Tensor> = { input_ids: new Tensor('int64', ids, [rows, length]) };
      if (text.inputNames.includes('attention_mask'))
        feeds['attention_mask'] = new Tensor('int64', new BigInt64Array(rows * length).fill(1n), [
          rows,
          length,
        ]);
      return unitRows(await text.run(feeds), 'text_embeds', tokens.length, model, device);
    },
    async release() {
      await Promise.all([vision.release(), text.release()]);
    },
  };
}

/**
 * Counts the tokens of whole captions, special tokens included. No token is of less than one byte, so a caption that is short
 * in bytes is not taken apart: its count is an upper bound then.
 */
export function tokenCounter(
  model: Pick<ProxyModel, 'tokenizer' | 'contextLength'>,
): (caption: string) => number {
  const tokenizer = new Tokenizer(model.tokenizer.tokenizer, model.tokenizer.config);
  const special = tokenizer.encode('').ids.length;
  return (caption) => {
    const most = Buffer.byteLength(caption) + special;
    // A page of text is over any limit; its beginning is enough to say so.
    return most <= model.contextLength
      ? most
      : tokenizer.encode(caption.slice(0, 40 * model.contextLength)).ids.length;
  };
}
