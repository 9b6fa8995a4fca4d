import proto, { type onnx } from 'onnx-proto';

/**
 * The small ONNX graphs that the engine runs for the selection: matrix products with the reduction fused in, so that
 * only small outputs are copied back. Sizes are symbolic but for the width of a row.
 */

const FLOAT = proto.onnx.TensorProto.DataType.FLOAT;
const { INT64, INT32, INT8, UINT8 } = proto.onnx.TensorProto.DataType;
type Shape = (number | string)[];

/** rows [m, dim] → best [m, top], which [m, top]: the `top` largest inner products with `classes` [classCount, dim]. */
export function bestClassesGraph(
  classes: Float32Array,
  classCount: number,
  dim: number,
  top: number,
): Uint8Array {
  return model({
    inputs: [tensor('rows', FLOAT, ['m', dim])],
    outputs: [tensor('best', FLOAT, ['m', top]), tensor('which', INT64, ['m', top])],
    constants: [
      constant('classes', FLOAT, [dim, classCount], transpose(classes, classCount, dim)),
      constant('top', INT64, [1], BigInt64Array.of(BigInt(top))),
    ],
    nodes: [
      node('MatMul', ['rows', 'classes'], ['scores']),
      node('TopK', ['scores', 'top'], ['best', 'which'], [integer('axis', 1)]),
    ],
  });
}

/**
 * The same in eight bits: rows [m, dim] of 128 + q, classes [classCount, dim] of whole numbers, and a whole number to
 * add to each class's sum of products of q.
 */
export function bestClassesInBytesGraph(
  classes: Int8Array,
  added: Int32Array,
  classCount: number,
  dim: number,
  top: number,
): Uint8Array {
  return model({
    inputs: [tensor('rows', UINT8, ['m', dim])],
    outputs: [tensor('best', INT32, ['m', top]), tensor('which', INT64, ['m', top])],
    constants: [
      constant('classes', INT8, [dim, classCount], transpose(classes, classCount, dim)),
      constant('rowZero', UINT8, [], Uint8Array.of(128)),
      constant('classZero', INT8, [], Int8Array.of(0)),
      constant('added', INT32, [classCount], added),
      constant('top', INT64, [1], BigInt64Array.of(BigInt(top))),
    ],
    nodes: [
      node('MatMulInteger', ['rows', 'classes', 'rowZero', 'classZero'], ['products']),
      node('Add', ['products', 'added'], ['scores']),
      node('TopK', ['scores', 'top'], ['best', 'which'], [integer('axis', 1)]),
    ],
  });
}

function transpose<T extends Float32Array | Int8Array>(matrix: T, rows: number, columns: number): T {
  const transposed = matrix.slice() as T;
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) transposed[j * rows + i] = matrix[i * columns + j]!;
  return transposed;
}

/** left [m, dim], right [m, dim] → product [dim, dim] = leftᵀ · right. */
export function outerProductGraph(dim: number): Uint8Array {
  return model({
    inputs: [tensor('left', FLOAT, ['m', dim]), tensor('right', FLOAT, ['m', dim])],
    outputs: [tensor('product', FLOAT, [dim, dim])],
    nodes: [node('Gemm', ['left', 'right'], ['product'], [integer('transA', 1)])],
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
      node('Transpose', ['right'], ['rightT'], [integers('perm', [1, 0])]),
      node('MatMul', ['left', 'rightT'], ['cosine']),
      node('Greater', ['cosine', 'threshold'], ['above']),
      node('NonZero', ['above'], ['pairs']),
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

function constant(
  name: string,
  dataType: number,
  dims: number[],
  values: ArrayBufferView,
): onnx.ITensorProto {
  const rawData = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return { name, dims, dataType, rawData };
}

function node(
  opType: string,
  input: string[],
  output: string[],
  attribute: onnx.IAttributeProto[] = [],
): onnx.INodeProto {
  return { opType, input, output, name: output[0]!, attribute };
}

function integer(name: string, i: number): onnx.IAttributeProto {
  return { name, i, type: proto.onnx.AttributeProto.AttributeType.INT };
}

function integers(name: string, ints: number[]): onnx.IAttributeProto {
  return { name, ints, type: proto.onnx.AttributeProto.AttributeType.INTS };
}
