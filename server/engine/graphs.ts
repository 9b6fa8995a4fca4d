import proto, { type onnx } from 'onnx-proto';

/**
 * The small ONNX graphs that the engine runs for the selection: matrix products with the reduction fused in, so that
 * only small outputs are copied back. Sizes are symbolic but for the width of a row.
 */

const FLOAT = proto.onnx.TensorProto.DataType.FLOAT;
const { FLOAT16, DOUBLE, INT64, INT32, INT8, UINT8 } = proto.onnx.TensorProto.DataType;
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

/**
 * rows [m, narrow] → mean [m]: widened, then multiplied `links` times by one matrix [wide, wide]. What a device does of it
 * in a second is its rate; the matrix keeps numbers about as large as they were.
 */
export function chainGraph(narrow: number, wide: number, links: number): Uint8Array {
  const matrix = (rows: number): Float32Array =>
    Float32Array.from({ length: rows * wide }, (_, i) => Math.sin(i * i) * Math.sqrt(2 / rows));
  const link = (i: number): string => `x${i}`;
  return model({
    inputs: [tensor('rows', FLOAT, ['m', narrow])],
    outputs: [tensor('mean', FLOAT, ['m'])],
    constants: [
      constant('widen', FLOAT, [narrow, wide], matrix(narrow)),
      constant('matrix', FLOAT, [wide, wide], matrix(wide)),
    ],
    nodes: [
      node('MatMul', ['rows', 'widen'], [link(0)]),
      ...Array.from({ length: links }, (_, i) => node('MatMul', [link(i), 'matrix'], [link(i + 1)])),
      node('ReduceMean', [link(links)], ['mean'], [integers('axes', [1]), integer('keepdims', 0)]),
    ],
  });
}

/** left [m, a], right [m, b] → product [a, b] = leftᵀ · right, computed in half precision. */
export function halfProductGraph(): Uint8Array {
  const cast = (from: string, into: string, to: number): onnx.INodeProto =>
    node('Cast', [from], [into], [integer('to', to)]);
  return model({
    inputs: [tensor('left', FLOAT, ['m', 'a']), tensor('right', FLOAT, ['m', 'b'])],
    outputs: [tensor('product', FLOAT, ['a', 'b'])],
    nodes: [
      cast('left', 'leftHalf', FLOAT16),
      cast('right', 'rightHalf', FLOAT16),
      node('Transpose', ['leftHalf'], ['leftT'], [integers('perm', [1, 0])]),
      node('MatMul', ['leftT', 'rightHalf'], ['productHalf']),
      cast('productHalf', 'product', FLOAT),
    ],
  });
}

/**
 * left [m, a], right [m, b] → product [a, b] = leftᵀ · right. To be run as it is written: transposing first makes it up to
 * half as fast again on a CPU, and an optimiser puts the two back into one.
 */
export function outerProductGraph(): Uint8Array {
  return model({
    inputs: [tensor('left', FLOAT, ['m', 'a']), tensor('right', FLOAT, ['m', 'b'])],
    outputs: [tensor('product', FLOAT, ['a', 'b'])],
    nodes: [
      node('Transpose', ['left'], ['leftT'], [integers('perm', [1, 0])]),
      node('Gemm', ['leftT', 'right'], ['product']),
    ],
  });
}

/**
 * left [m, dim], right [n, dim], mask → max [m]: over the rows of `right`, of the inner product plus the mask. The mask
 * is [m, n], or [1, 1] where one value serves all.
 */
export function rowMaxGraph(dim: number): Uint8Array {
  return model({
    inputs: [
      tensor('left', FLOAT, ['m', dim]),
      tensor('right', FLOAT, ['n', dim]),
      tensor('mask', FLOAT, ['maskRows', 'maskColumns']),
    ],
    outputs: [tensor('max', FLOAT, ['m'])],
    nodes: [
      node('Transpose', ['right'], ['rightT'], [integers('perm', [1, 0])]),
      node('MatMul', ['left', 'rightT'], ['cosine']),
      node('Add', ['cosine', 'mask'], ['masked']),
      node('ReduceMax', ['masked'], ['max'], [integers('axes', [1]), integer('keepdims', 0)]),
    ],
  });
}

/** left [m, d], right [n, d] → cosine [m, n]: every inner product, of rows of any width. */
export function crossProductGraph(type: typeof FLOAT | typeof DOUBLE = FLOAT): Uint8Array {
  return model({
    inputs: [tensor('left', type, ['m', 'd']), tensor('right', type, ['n', 'd'])],
    outputs: [tensor('cosine', type, ['m', 'n'])],
    // A tenth faster than to transpose and multiply, to the same bits.
    nodes: [node('Gemm', ['left', 'right'], ['cosine'], [integer('transB', 1)])],
  });
}

/** The same, added to `before` [m, n]. */
export function addCrossGraph(): Uint8Array {
  return model({
    inputs: [
      tensor('left', FLOAT, ['m', 'd']),
      tensor('right', FLOAT, ['n', 'd']),
      tensor('before', FLOAT, ['m', 'n']),
    ],
    outputs: [tensor('sum', FLOAT, ['m', 'n'])],
    nodes: [node('Gemm', ['left', 'right', 'before'], ['sum'], [integer('transB', 1)])],
  });
}

/** `crossProductGraph` in float64. */
export function crossInDoubleGraph(): Uint8Array {
  return crossProductGraph(DOUBLE);
}

/** left [m, d] of 128 + q, right [d, n] → product [m, n]: sums of products of q and right, in whole numbers. */
export function crossInBytesGraph(): Uint8Array {
  return model({
    inputs: [tensor('left', UINT8, ['m', 'd']), tensor('right', INT8, ['d', 'n'])],
    outputs: [tensor('product', INT32, ['m', 'n'])],
    constants: [constant('leftZero', UINT8, [], Uint8Array.of(128))],
    nodes: [node('MatMulInteger', ['left', 'right', 'leftZero'], ['product'])],
  });
}

/** left [m, dim], right [n, dim] in float64 → the positive inner products summed by left row [m] and right row [n]. */
export function positiveSumsGraph(dim: number): Uint8Array {
  return model({
    inputs: [tensor('left', DOUBLE, ['m', dim]), tensor('right', DOUBLE, ['n', dim])],
    outputs: [tensor('ofLeft', DOUBLE, ['m']), tensor('ofRight', DOUBLE, ['n'])],
    constants: [axis('columns', 1), axis('rows', 0)],
    nodes: [
      node('Transpose', ['right'], ['rightT'], [integers('perm', [1, 0])]),
      node('MatMul', ['left', 'rightT'], ['similarity']),
      node('Relu', ['similarity'], ['positive']),
      node('ReduceSum', ['positive', 'columns'], ['ofLeft'], [integer('keepdims', 0)]),
      node('ReduceSum', ['positive', 'rows'], ['ofRight'], [integer('keepdims', 0)]),
    ],
  });
}

/**
 * left [m, dim], right [n, dim], scale [1] → exp(scale·⟨left_i, right_j⟩) summed by left row [m] and by right row [n],
 * each sum divided by the exponential of its largest exponent, which is beside it: nothing overflows.
 */
export function exponentialSumsGraph(dim: number): Uint8Array {
  const side = (name: string, along: number): onnx.INodeProto[] => [
    node('ReduceMax', ['exponent'], [`${name}Max`], [integers('axes', [along]), integer('keepdims', 1)]),
    node('Sub', ['exponent', `${name}Max`], [`${name}Exponent`]),
    node('Exp', [`${name}Exponent`], [`${name}Power`]),
    node('ReduceSum', [`${name}Power`, `${name}Axis`], [`${name}Sum`], [integer('keepdims', 0)]),
  ];
  return model({
    inputs: [
      tensor('left', FLOAT, ['m', dim]),
      tensor('right', FLOAT, ['n', dim]),
      tensor('scale', FLOAT, [1]),
    ],
    outputs: [
      tensor('leftMax', FLOAT, ['m', 1]),
      tensor('leftSum', FLOAT, ['m']),
      tensor('rightMax', FLOAT, [1, 'n']),
      tensor('rightSum', FLOAT, ['n']),
    ],
    constants: [axis('leftAxis', 1), axis('rightAxis', 0)],
    nodes: [
      node('Transpose', ['right'], ['rightT'], [integers('perm', [1, 0])]),
      node('MatMul', ['left', 'rightT'], ['cosine']),
      node('Mul', ['cosine', 'scale'], ['exponent']),
      ...side('left', 1),
      ...side('right', 0),
    ],
  });
}

/** An axis to reduce over, which ReduceSum takes as an input. */
function axis(name: string, value: number): onnx.ITensorProto {
  const rawData = new Uint8Array(BigInt64Array.of(BigInt(value)).buffer);
  return { name, dims: [1], dataType: INT64, rawData };
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
