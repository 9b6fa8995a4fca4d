import { cpSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import proto from 'onnx-proto';
import { embeddedModelFolder } from '../../server/embeddings/model.js';
import { artifacts } from '../setup/paths.js';
import { Graph, integer, ints, tensor } from './vitGraph.js';

const { FLOAT, INT64 } = proto.onnx.TensorProto.DataType;
const FOLDER = join(artifacts, 'quick-clip');
/** An image is seen as so many means along each edge. */
const MEANS = 8;

/**
 * A model folder of icon-clip whose towers are one product each: for what has to go through many pairs, or through few again
 * and again, and does not ask what they mean. Image embeddings still differ with the picture, caption embeddings with the
 * words.
 */
export function quickModel(folder = FOLDER): string {
  if (existsSync(folder)) return folder;
  const aside = `${folder}.${process.pid}.tmp`;
  cpSync(embeddedModelFolder(), aside, { recursive: true });
  const {
    projection_dim: dim,
    text_config: text,
    vision_config: vision,
  } = JSON.parse(readFileSync(join(aside, 'config.json'), 'utf8')) as {
    projection_dim: number;
    text_config: { vocab_size: number };
    vision_config: { image_size: number };
  };
  writeFileSync(join(aside, 'onnx', 'vision_model.onnx'), imageTower(vision.image_size, dim));
  writeFileSync(join(aside, 'onnx', 'text_model.onnx'), textTower(text.vocab_size, dim));
  try {
    renameSync(aside, folder);
  } catch (error) {
    // Another test's program was there first.
    rmSync(aside, { recursive: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

function imageTower(edge: number, dim: number): Uint8Array {
  const graph = new Graph(3);
  const stride = [edge / MEANS, edge / MEANS];
  graph.node('AveragePool', ['pixel_values'], 'means', [
    ints('kernel_shape', stride),
    ints('strides', stride),
  ]);
  graph.node('Flatten', ['means'], 'flat', [integer('axis', 1)]);
  graph.node('MatMul', ['flat', graph.weight([3 * MEANS ** 2, dim])], 'image_embeds');
  return graph.model([tensor('pixel_values', FLOAT, ['rows', 3, edge, edge])], 'image_embeds', dim);
}

function textTower(words: number, dim: number): Uint8Array {
  const graph = new Graph(4);
  graph.node('Gather', [graph.weight([words, dim]), 'input_ids'], 'words');
  graph.node('ReduceMean', ['words'], 'text_embeds', [ints('axes', [1]), integer('keepdims', 0)]);
  return graph.model([tensor('input_ids', INT64, ['rows', 'length'])], 'text_embeds', dim);
}

/** Options of a command, where no test asks what pairs mean: this model, on the processor. */
export const QUICK = ['--device', 'cpu', '--model', quickModel()];
