import { Tokenizer } from '@huggingface/tokenizers';
import { Tensor, type InferenceSession } from 'onnxruntime-node';
import { createSession, runtimeReason, type Device } from '../engine/device.js';
import { ClipcovError } from '../errors.js';
import type { ProxyModel } from './model.js';
import { normalisePixels } from './pixels.js';

/** Both towers of a CLIP on a device. Rows come back as unit vectors, [rows, dim], float32. */
export interface Encoder {
  /** Decoded pictures → image embeddings. */
  images(pixels: Buffer[]): Promise<Float32Array>;
  /** Token ids of captions of one length → text embeddings. */
  texts(tokens: number[][]): Promise<Float32Array>;
  /** Token ids of a caption, special tokens included, cut to the model's context. */
  tokenize(caption: string): number[];
  release(): Promise<void>;
}

export async function createEncoder(model: ProxyModel, device: Device): Promise<Encoder> {
  const vision = await open(model.vision, device, { pixel_values: 'float32' }, 'image_embeds');
  const text = await open(model.text, device, { input_ids: 'int64' }, 'text_embeds');
  const tokenizer = new Tokenizer(model.tokenizer.tokenizer, model.tokenizer.config);
  const { cropWidth, cropHeight } = model.pixels;
  const imageSize = 3 * cropWidth * cropHeight;
  return {
    async images(pixels) {
      const rows = batchRows(pixels.length);
      const values = new Float32Array(rows * imageSize);
      pixels.forEach((picture, i) => normalisePixels(picture, model.pixels, values, i * imageSize));
      const pixel_values = new Tensor('float32', values, [rows, 3, cropHeight, cropWidth]);
      return unitRows(await vision.run({ pixel_values }), 'image_embeds', pixels.length, model);
    },
    async texts(tokens) {
      const rows = batchRows(tokens.length);
      const length = tokens[0]!.length;
      const ids = new BigInt64Array(rows * length);
      tokens.forEach((caption, i) => caption.forEach((id, j) => (ids[i * length + j] = BigInt(id))));
      const feeds: Record<string, Tensor> = { input_ids: new Tensor('int64', ids, [rows, length]) };
      if (text.inputNames.includes('attention_mask'))
        feeds['attention_mask'] = new Tensor('int64', new BigInt64Array(rows * length).fill(1n), [
          rows,
          length,
        ]);
      return unitRows(await text.run(feeds), 'text_embeds', tokens.length, model);
    },
    tokenize(caption) {
      const { ids } = tokenizer.encode(caption);
      return ids.length <= model.contextLength
        ? ids
        : [...ids.slice(0, model.contextLength - 1), ids[ids.length - 1]!];
    },
    async release() {
      await Promise.all([vision.release(), text.release()]);
    },
  };
}

/**
 * A batch of one takes another kernel (vector instead of matrix) with other rounding. Never running one makes each
 * embedding a function of its own input alone, whatever batch it was in: so a resumed or partial run gives the same
 * bytes.
 */
function batchRows(count: number): number {
  return Math.max(2, count);
}

async function open(
  file: string,
  device: Device,
  inputs: Record<string, string>,
  output: string,
): Promise<InferenceSession> {
  let session: InferenceSession;
  try {
    session = await createSession(file, device);
  } catch (cause) {
    throw new ClipcovError(
      'model-unreadable',
      `The model cannot be loaded on ${device.name}: ${runtimeReason(cause)}`,
      {
        where: file,
        fix: 'Export the model again, or choose another device.',
        cause,
      },
    );
  }
  const names = Object.keys(inputs);
  const missing = names.find((name) => !session.inputNames.includes(name));
  if (missing !== undefined || !session.outputNames.includes(output))
    throw new ClipcovError(
      'model-unreadable',
      `The model is no CLIP tower: it has the inputs ${session.inputNames.join(', ')} and the outputs ` +
        `${session.outputNames.join(', ')}, and needs ${names.join(', ')} and ${output}.`,
      { where: file, fix: 'Export the model with projection heads, as Hugging Face Optimum does for CLIP.' },
    );
  // Weights may be of any precision; numbers of another type at the ends would be read as what they are not.
  for (const value of [...session.inputMetadata, ...session.outputMetadata]) {
    const expected = value.name === output ? 'float32' : inputs[value.name];
    const type = value.isTensor ? value.type : 'no tensor';
    if (expected !== undefined && type !== expected)
      throw new ClipcovError(
        'model-unreadable',
        `The model's ${value.name} is ${type} and not ${expected}.`,
        {
          where: file,
          fix: 'Export it with inputs and outputs of full precision (keep_io_types), or take the full model.',
        },
      );
  }
  return session;
}

function unitRows(
  outputs: InferenceSession.OnnxValueMapType,
  name: string,
  rows: number,
  model: ProxyModel,
): Float32Array {
  const tensor = outputs[name]! as Tensor;
  const dim = tensor.dims[1] ?? 0;
  if (dim !== model.dim)
    throw new ClipcovError(
      'model-unreadable',
      `The model gives embeddings of ${dim} numbers, its config.json promises ${model.dim}.`,
      { where: model.folder, fix: 'Restore the config.json that belongs to the model.' },
    );
  const values = (tensor.data as Float32Array).subarray(0, rows * dim);
  for (let at = 0; at < values.length; at += dim) {
    let square = 0;
    for (let j = 0; j < dim; j++) square += values[at + j]! ** 2;
    const norm = Math.sqrt(square);
    for (let j = 0; j < dim; j++) values[at + j] = values[at + j]! / norm;
  }
  return values;
}
