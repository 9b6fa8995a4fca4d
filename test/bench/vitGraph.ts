import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import proto, { type onnx } from 'onnx-proto';
import { embeddedModelFolder } from '../../server/embeddings/model.js';

const { FLOAT, INT64 } = proto.onnx.TensorProto.DataType;
const { INT, INTS } = proto.onnx.AttributeProto.AttributeType;
const EDGE = 224;
const PATCH = 32;
/** As the tokenizer of the bundled model has them. */
const WORDS = 6144;
const CONTEXT = 24;

/**
 * A model folder of CLIP ViT-B/32's size with random weights, the bundled model's tokenizer in it: what a run takes
 * depends on the sizes alone. Kept for the next run.
 */
export function vitModel(folder: string): string {
  if (existsSync(folder)) return folder;
  const aside = `${folder}.tmp`;
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(join(aside, 'onnx'), { recursive: true });
  writeFileSync(join(aside, 'onnx', 'vision_model.onnx'), visionTower());
  writeFileSync(join(aside, 'onnx', 'text_model.onnx'), textTower());
  const config = { projection_dim: 512, text_config: { max_position_embeddings: CONTEXT } };
  writeFileSync(join(aside, 'config.json'), JSON.stringify(config));
  const pixels = {
    size: EDGE,
    crop_size: EDGE,
    image_mean: [0.48, 0.46, 0.41],
    image_std: [0.27, 0.26, 0.28],
  };
  writeFileSync(join(aside, 'preprocessor_config.json'), JSON.stringify(pixels));
  for (const name of ['tokenizer.json', 'tokenizer_config.json'])
    copyFileSync(join(embeddedModelFolder(), name), join(aside, name));
  renameSync(aside, folder);
  return folder;
}

/** pixel_values → image_embeds: patches of 32, 12 layers of width 768, the class token projected to 512. */
function visionTower(): Uint8Array {
  const graph = new Graph(1);
  const width = 768;
  const stride = [PATCH, PATCH];
  graph.node('Conv', ['pixel_values', graph.weight([width, 3, PATCH, PATCH])], 'patches', [
    ints('kernel_shape', stride),
    ints('strides', stride),
  ]);
  graph.node('Reshape', ['patches', graph.whole([0, width, -1])], 'flat');
  graph.node('Transpose', ['flat'], 'tokens', [ints('perm', [0, 2, 1])]);
  // One class token an image: a sum over its patches, times nothing, plus the token.
  graph.node('ReduceMean', ['tokens'], 'mean', [ints('axes', [1])]);
  graph.node('Mul', ['mean', graph.real(0)], 'nothing');
  graph.node('Add', ['nothing', graph.weight([1, 1, width])], 'class');
  graph.node('Concat', ['class', 'tokens'], 'all', [integer('axis', 1)]);
  graph.node('Add', ['all', graph.weight([1 + (EDGE / PATCH) ** 2, width])], 'placed');
  let at = graph.norm('placed', width);
  for (let layer = 0; layer < 12; layer++) at = graph.layer(at, width, 12);
  graph.node('Gather', [at, graph.whole(0)], 'first', [integer('axis', 1)]);
  graph.node('MatMul', [graph.norm('first', width), graph.weight([width, 512])], 'image_embeds');
  return graph.model([tensor('pixel_values', FLOAT, ['rows', 3, EDGE, EDGE])], 'image_embeds');
}

/** input_ids → text_embeds: 12 layers of width 512, the last token projected. */
function textTower(): Uint8Array {
  const graph = new Graph(2);
  const width = 512;
  graph.node('Gather', [graph.weight([WORDS, width]), 'input_ids'], 'words');
  graph.node('Shape', ['input_ids'], 'length', [integer('start', 1), integer('end', 2)]);
  const places = graph.weight([CONTEXT, width]);
  graph.node('Slice', [places, graph.whole([0]), 'length', graph.whole([0])], 'places');
  graph.node('Add', ['words', 'places'], 'placed');
  let at = 'placed';
  for (let layer = 0; layer < 12; layer++) at = graph.layer(at, width, 8);
  graph.node('Gather', [at, graph.whole(-1)], 'last', [integer('axis', 1)]);
  graph.node('MatMul', [graph.norm('last', width), graph.weight([width, 512])], 'text_embeds');
  return graph.model([tensor('input_ids', INT64, ['rows', 'length'])], 'text_embeds');
}

/** Nodes and weights as they are put together. */
export class Graph {
  private readonly nodes: onnx.INodeProto[] = [];
  private readonly constants: onnx.ITensorProto[] = [];
  private names = 0;

  constructor(private seed: number) {}

  node(
    opType: string,
    input: string[],
    output = this.name(),
    attribute: onnx.IAttributeProto[] = [],
  ): string {
    this.nodes.push({ opType, input, output: [output], name: output, attribute });
    return output;
  }

  /** Seeded numbers in ±0.05, which keep a tower of normalised layers finite. */
  weight(dims: number[]): string {
    const values = new Float32Array(dims.reduce((a, b) => a * b));
    let state = (this.seed = Math.imul(this.seed + 1, 0x9e3779b1));
    for (let i = 0; i < values.length; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      values[i] = (state / 2 ** 31) * 0.05;
    }
    return this.constant(FLOAT, dims, values);
  }

  real(value: number): string {
    return this.constant(FLOAT, [], Float32Array.of(value));
  }

  whole(value: number | number[]): string {
    const values = BigInt64Array.from([value].flat(), BigInt);
    return this.constant(INT64, Array.isArray(value) ? [value.length] : [], values);
  }

  norm(input: string, width: number): string {
    const weights = [input, this.weight([width]), this.weight([width])];
    return this.node('LayerNormalization', weights, this.name(), [integer('axis', -1)]);
  }

  /** One layer of a CLIP tower: attention, then two dense layers around a quick GELU, each added to its input. */
  layer(input: string, width: number, heads: number): string {
    const normed = this.norm(input, width);
    const split = this.whole([0, 0, heads, width / heads]);
    const head = (perm: number[]): string => {
      const shaped = this.node('Reshape', [this.dense(normed, width, width), split]);
      return this.node('Transpose', [shaped], this.name(), [ints('perm', perm)]);
    };
    const [query, key, value] = [head([0, 2, 1, 3]), head([0, 2, 3, 1]), head([0, 2, 1, 3])];
    const scores = this.node('Mul', [this.node('MatMul', [query, key]), this.real((width / heads) ** -0.5)]);
    const weights = this.node('Softmax', [scores], this.name(), [integer('axis', -1)]);
    const mixed = this.node('Transpose', [this.node('MatMul', [weights, value])], this.name(), [
      ints('perm', [0, 2, 1, 3]),
    ]);
    const joined = this.node('Reshape', [mixed, this.whole([0, 0, width])]);
    const attended = this.node('Add', [input, this.dense(joined, width, width)]);
    const wide = this.dense(this.norm(attended, width), width, 4 * width);
    const gate = this.node('Sigmoid', [this.node('Mul', [wide, this.real(1.702)])]);
    const active = this.node('Mul', [wide, gate]);
    return this.node('Add', [attended, this.dense(active, 4 * width, width)]);
  }

  model(input: onnx.IValueInfoProto[], output: string, width = 512): Uint8Array {
    return proto.onnx.ModelProto.encode({
      irVersion: 8,
      opsetImport: [{ domain: '', version: 17 }],
      graph: {
        name: 'tower',
        input,
        output: [tensor(output, FLOAT, ['rows', width])],
        node: this.nodes,
        initializer: this.constants,
      },
    }).finish();
  }

  private dense(input: string, from: number, to: number): string {
    return this.node('Add', [this.node('MatMul', [input, this.weight([from, to])]), this.weight([to])]);
  }

  private constant(dataType: number, dims: number[], values: ArrayBufferView): string {
    const name = this.name();
    const rawData = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    this.constants.push({ name, dataType, dims, rawData });
    return name;
  }

  private name(): string {
    return `v${this.names++}`;
  }
}

export function tensor(name: string, elemType: number, shape: (number | string)[]): onnx.IValueInfoProto {
  const dim = shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
}

export function integer(name: string, i: number): onnx.IAttributeProto {
  return { name, i, type: INT };
}

export function ints(name: string, values: number[]): onnx.IAttributeProto {
  return { name, ints: values, type: INTS };
}
