import { cpSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import proto from 'onnx-proto';
import { embeddedModelFolder } from '../../server/embeddings/model.js';
import { Graph, integer, ints, tensor } from './vitGraph.js';

/** A model folder of icon-clip with an image tower of one mean and one product, for what has to go through many images quickly. */
export function quickModel(folder: string): string {
  if (existsSync(folder)) return folder;
  const aside = `${folder}.tmp`;
  cpSync(embeddedModelFolder(), aside, { recursive: true });
  const { projection_dim: dim } = JSON.parse(readFileSync(join(aside, 'config.json'), 'utf8')) as {
    projection_dim: number;
  };
  const graph = new Graph(3);
  graph.node('ReduceMean', ['pixel_values'], 'mean', [ints('axes', [2, 3]), integer('keepdims', 0)]);
  graph.node('MatMul', ['mean', graph.weight([3, dim])], 'image_embeds');
  const input = tensor('pixel_values', proto.onnx.TensorProto.DataType.FLOAT, ['rows', 3, 'height', 'width']);
  writeFileSync(join(aside, 'onnx', 'vision_model.onnx'), graph.model([input], 'image_embeds', dim));
  renameSync(aside, folder);
  return folder;
}
