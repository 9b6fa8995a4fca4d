import proto from 'onnx-proto';

/** The graph with its weights in a file of their own, as exporters write models that are too large for one. */
export function withExternalData(graph: Buffer, location: string): { graph: Buffer; data: Buffer } {
  const model = proto.onnx.ModelProto.decode(graph);
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const tensor of model.graph!.initializer!) {
    const raw = tensor.rawData;
    if (!raw || raw.length < 1024) continue;
    const entries = { location, offset: String(offset), length: String(raw.length) };
    tensor.externalData = Object.entries(entries).map(([key, value]) => ({ key, value }));
    tensor.dataLocation = proto.onnx.TensorProto.DataLocation.EXTERNAL;
    parts.push(raw);
    offset += raw.length;
    delete (tensor as { rawData?: Uint8Array }).rawData;
  }
  return { graph: Buffer.from(proto.onnx.ModelProto.encode(model).finish()), data: Buffer.concat(parts) };
}
