import proto, { type onnx } from 'onnx-proto';
import type { PixelPlan } from './model.js';
import { fieldsOf, lengthDelimited } from './protobuf.js';

/** What the rewritten graph takes: 8-bit pixels, [images, height, width, 3]. */
export const PIXELS = 'clipcov.pixels';
const TENSOR = 'pixel_values';

/** Numbers of fields in ONNX's messages. */
const [MODEL_GRAPH, GRAPH_INPUT] = [7, 11];
const { FLOAT, UINT8 } = proto.onnx.TensorProto.DataType;
const { INT, INTS, TENSOR: TENSOR_ATTRIBUTE } = proto.onnx.AttributeProto.AttributeType;

/**
 * An image tower that takes the pixels as they are decoded and normalises them itself: a quarter of the bytes to send to a
 * device, where sending them is the bottleneck. Null where the graph has no float32 `pixel_values` to put this before.
 *
 * The file's bytes are copied and not decoded: what this version of ONNX's schema does not know stays in place, and so do
 * the weights. A message may come in pieces that are read as one, so the new nodes go before the graph's own.
 */
export function withPixelInput(model: Uint8Array, plan: PixelPlan): Uint8Array | null {
  const pieces: Uint8Array[] = [];
  let found = false;
  for (const field of fieldsOf(model)) {
    if (field.number !== MODEL_GRAPH) {
      pieces.push(field.whole);
      continue;
    }
    const kept: Uint8Array[] = [];
    for (const inner of fieldsOf(field.body)) {
      const input = inner.number === GRAPH_INPUT ? proto.onnx.ValueInfoProto.decode(inner.body) : null;
      if (input?.name !== TENSOR) kept.push(inner.whole);
      else {
        if (input.type?.tensorType?.elemType !== FLOAT) return null;
        found = true;
        kept.unshift(normalising(plan));
      }
    }
    pieces.push(...lengthDelimited(MODEL_GRAPH, kept));
  }
  return found ? Buffer.concat(pieces) : null;
}

/** The new input and its nodes, as the beginning of a graph. */
function normalising(plan: PixelPlan): Uint8Array {
  const { cropWidth, cropHeight, rescale, mean, std } = plan;
  const dim = [{ dimParam: PIXELS }, ...[cropHeight, cropWidth, 3].map((dimValue) => ({ dimValue }))];
  const perChannel = (values: number[]): onnx.ITensorProto => ({
    dims: [3],
    dataType: FLOAT,
    rawData: new Uint8Array(Float32Array.from(values).buffer),
  });
  const node = (
    opType: string,
    input: string[],
    output: string,
    attribute: onnx.IAttributeProto[] = [],
  ): onnx.INodeProto => ({ opType, name: output, input, output: [output], attribute });
  const constant = (name: string, values: number[]): onnx.INodeProto =>
    node('Constant', [], name, [{ name: 'value', type: TENSOR_ATTRIBUTE, t: perChannel(values) }]);
  const name = (step: string): string => `clipcov.${step}`;
  return proto.onnx.GraphProto.encode({
    input: [{ name: PIXELS, type: { tensorType: { elemType: UINT8, shape: { dim } } } }],
    node: [
      constant(
        name('factor'),
        std.map((deviation) => rescale / deviation),
      ),
      constant(
        name('shift'),
        mean.map((value, channel) => value / std[channel]!),
      ),
      node('Cast', [PIXELS], name('float'), [{ name: 'to', type: INT, i: FLOAT }]),
      node('Mul', [name('float'), name('factor')], name('scaled')),
      node('Sub', [name('scaled'), name('shift')], name('normal')),
      node('Transpose', [name('normal')], TENSOR, [{ name: 'perm', type: INTS, ints: [0, 3, 1, 2] }]),
    ],
  }).finish();
}
