import proto, { type onnx } from 'onnx-proto';

/**
 * The small ONNX graphs that the engine runs for the selection: matrix products with the reduction fused in, so that
 * only small outputs are copied back. Sizes are symbolic but for the width of a row.
 */

const FLOAT = proto.onnx.TensorProto.DataType.FLOAT;
const INT64 = proto.onnx.TensorProto.DataType.INT64;
type Shape = (number | string)[];

/** rows [m, dim] → label [m]: argmax over `classes` [classCount, dim] of the inner product, ties to the lowest. */
export function classScoresGraph(classes: Float32Array, classCount: number, dim: number): Uint8Array {
  const transposed = new Float32Array(classes.length);
  for (let k = 0; k < classCount; k++)
    for (let j = 0; j < dim; j++) transposed[j * classCount + k] = classes[k * dim + j]!;
  return model({
    inputs: [tensor('rows', FLOAT, ['m', dim])],
    outputs: [tensor('label', INT64, ['m'])],
    constants: [constant('classes', [dim, classCount], transposed)],
    nodes: [
      node('MatMul', ['rows', 'classes'], 'scores'),
      node('ArgMax', ['scores'], 'label', [integer('axis', 1), integer('keepdims', 0)]),
    ],
  });
}

/** left [m, dim], right [m, dim] → product [dim, dim] = leftᵀ · right. */
export function outerProductGraph(dim: number): Uint8Array {
  return model({
    inputs: [tensor('left', FLOAT, ['m', dim]), tensor('right', FLOAT, ['m', dim])],
    outputs: [tensor('product', FLOAT, [dim, dim])],
    nodes: [node('Gemm', ['left', 'right'], 'product', [integer('transA', 1)])],
  });
}

/** left [m, dim], right [n, dim], threshold [1] → pairs [2, found]: positions whose inner product is above it. */
export function similarPairsGraph(dim: number): Uint8Array {
  return model({
    inputs: [
      tensor('left', FLOAT, ['m', dim]),
      tensor('right', FLOAT, ['n', dim]),
      tensor('threshold', FLOAT, [1]),
    ],
    outputs: [tensor('pairs', INT64, [2, 'found'])],
    nodes: [
      node('Transpose', ['right'], 'rightT', [integers('perm', [1, 0])]),
      node('MatMul', ['left', 'rightT'], 'cosine'),
      node('Greater', ['cosine', 'threshold'], 'above'),
      node('NonZero', ['above'], 'pairs'),
    ],
  });
}

interface Graph {
  inputs: onnx.IValueInfoProto[];
  outputs: onnx.IValueInfoProto[];
  nodes: onnx.INodeProto[];
  constants?: onnx.ITensorProto[];
}

function model({ inputs, outputs, nodes, constants = [] }: Graph): Uint8Array {
  return proto.onnx.ModelProto.encode({
    irVersion: 8,
    opsetImport: [{ domain: '', version: 17 }],
    producerName: 'clipcov',
    graph: { name: 'product', input: inputs, output: outputs, node: nodes, initializer: constants },
  }).finish();
}

function tensor(name: string, elemType: number, shape: Shape): onnx.IValueInfoProto {
  const dim = shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
}

function constant(name: string, dims: number[], values: Float32Array): onnx.ITensorProto {
  const rawData = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return { name, dims, dataType: FLOAT, rawData };
}

function node(
  opType: string,
  input: string[],
  output: string,
  attribute: onnx.IAttributeProto[] = [],
): onnx.INodeProto {
  return { opType, input, output: [output], name: output, attribute };
}

function integer(name: string, i: number): onnx.IAttributeProto {
  return { name, i, type: proto.onnx.AttributeProto.AttributeType.INT };
}

function integers(name: string, ints: number[]): onnx.IAttributeProto {
  return { name, ints, type: proto.onnx.AttributeProto.AttributeType.INTS };
}
