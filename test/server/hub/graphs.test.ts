import proto from 'onnx-proto';
import { expect, it } from 'vitest';
import { createEncoder } from '../../../server/embeddings/encoder.js';
import { loadModel, type ProxyModel } from '../../../server/embeddings/model.js';
import type { Device } from '../../../server/engine/device.js';
import { findModel } from '../../../server/hub/findModel.js';
import { scratchFolder } from '../cli.js';
import { withExternalData } from '../embeddings/rewrittenGraphs.js';
import { FakeHub, REPO } from './fakeHub.js';
import { pullFrom } from './pulling.js';

/** The graph with its embeddings in half precision, as a conversion to float16 leaves them unless told otherwise. */
function withHalfOutput(graph: Buffer, output: string): Buffer {
  const model = proto.onnx.ModelProto.decode(graph);
  const { node, output: outputs } = model.graph!;
  const last = node!.find((one) => one.output!.includes(output))!;
  last.output = last.output!.map((name) => (name === output ? 'full' : name));
  const { FLOAT16 } = proto.onnx.TensorProto.DataType;
  const to = { name: 'to', type: proto.onnx.AttributeProto.AttributeType.INT, i: FLOAT16 };
  node!.push(
    proto.onnx.NodeProto.create({ opType: 'Cast', input: ['full'], output: [output], attribute: [to] }),
  );
  outputs![0]!.type!.tensorType!.elemType = FLOAT16;
  return Buffer.from(proto.onnx.ModelProto.encode(model).finish());
}

const cpu = (): Device => ({ name: 'cpu', report: { used: 'cpu', refused: [] } });
const pulled = async (hub: FakeHub, name = REPO): Promise<ProxyModel> => {
  const cache = scratchFolder();
  await pullFrom(hub, cache, { name });
  const { folder, ...found } = findModel(name, { HF_HUB_CACHE: cache });
  return loadModel(folder, found);
};
const rowOf = async (model: ProxyModel): Promise<Float32Array> => {
  const encoder = await createEncoder(model, cpu());
  try {
    return await encoder.texts([encoder.tokenize('a red house')]);
  } finally {
    await encoder.release();
  }
};

it('a pulled model whose weights lie beside its graphs computes the same', async () => {
  const hub = await FakeHub.start();
  for (const tower of ['vision', 'text']) {
    const path = `onnx/${tower}_model.onnx`;
    const { graph, data } = withExternalData(hub.files.get(path)!, `${tower}_model.onnx_data`);
    expect(data.length).toBeGreaterThan(9_000_000);
    hub.files.set(path, graph).set(`${path}_data`, data);
  }
  expect(await rowOf(await pulled(hub))).toEqual(await rowOf(await loadModel()));
});

it('a variant is used by its name, and refused where its embeddings are no float32', async () => {
  const hub = await FakeHub.start();
  for (const tower of ['vision', 'text'])
    hub.files.set(`onnx/${tower}_model_fp16.onnx`, hub.files.get(`onnx/${tower}_model.onnx`)!);
  const right = await pulled(hub, `${REPO}:fp16`);
  expect(right.text).toMatch(/text_model_fp16\.onnx$/);
  expect(await rowOf(right)).toEqual(await rowOf(await loadModel()));
  const text = hub.files.get('onnx/text_model.onnx')!;
  hub.files.set('onnx/text_model_fp16.onnx', withHalfOutput(text, 'text_embeds'));
  await expect(pulled(hub, `${REPO}:fp16`).then(rowOf)).rejects.toMatchObject({
    code: 'model-unreadable',
    message: "The model's text_embeds is float16 and not float32.",
  });
});
