import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { createSession, runtimeReason, type Device, type SessionChoices } from '../engine/device.js';
import { ClipcovError } from '../errors.js';
import type { ProxyModel } from './model.js';

interface TowerFile {
  file: string;
  /** The graph, where it is not the file as it is. */
  source?: string | Uint8Array;
  choices?: SessionChoices;
  /** Inputs that it must have, with their types. */
  inputs: Record<string, string>;
  output: string;
}

/** A session of one tower, with the ends that it must have. */
export async function openTower(
  { file, source = file, choices = {}, inputs, output }: TowerFile,
  device: Device,
): Promise<InferenceSession> {
  let session: InferenceSession;
  try {
    session = await createSession(source, device, { ...choices, sharesCores: true });
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

/**
 * The first `rows` embeddings of an output, each of length 1. An accelerator that lost its memory may answer with zeros or
 * noise and no error; on the CPU such rows are the model's own, and are left out later.
 */
export function unitRows(
  outputs: InferenceSession.OnnxValueMapType,
  name: string,
  rows: number,
  model: Pick<ProxyModel, 'dim' | 'folder'>,
  device: Device,
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
    if (device.name !== 'cpu' && !(norm > 0 && norm < Infinity))
      throw new Error(`${device.name} gives embeddings that are no directions (of length ${norm}).`);
    for (let j = 0; j < dim; j++) values[at + j] = values[at + j]! / norm;
  }
  return values;
}
