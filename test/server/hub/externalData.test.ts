import proto from 'onnx-proto';
import { expect, it, vi } from 'vitest';
import { createEncoder } from '../../../server/embeddings/encoder.js';
import { loadModel } from '../../../server/embeddings/model.js';
import { findModel } from '../../../server/hub/findModel.js';
import { scratchFolder } from '../cli.js';
import { FakeHub, REPO } from './fakeHub.js';
import { pullFrom } from './pulling.js';

/** The graph with its weights in a file of their own, as exporters write models that are too large for one. */
function withExternalData(graph: Buffer, location: string): { graph: Buffer; data: Buffer } {
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
    tensor.rawData = new Uint8Array();
    delete (tensor as { rawData?: Uint8Array }).rawData;
  }
  return { graph: Buffer.from(proto.onnx.ModelProto.encode(model).finish()), data: Buffer.concat(parts) };
}

it('a pulled model whose weights lie beside its graphs computes the same', async () => {
  const hub = await FakeHub.start();
  for (const tower of ['vision', 'text']) {
    const path = `onnx/${tower}_model.onnx`;
    const { graph, data } = withExternalData(hub.files.get(path)!, `${tower}_model.onnx_data`);
    expect(data.length).toBeGreaterThan(9_000_000);
    hub.files.set(path, graph).set(`${path}_data`, data);
  }
  const cache = scratchFolder();
  await pullFrom(hub, cache);
  vi.stubEnv('HF_HUB_CACHE', cache);
  const { folder, ...found } = findModel(REPO);
  const device = { name: 'cpu', report: { used: 'cpu', refused: [] } } as const;
  const rows = await Promise.all(
    [await loadModel(), await loadModel(folder, found)].map(async (model) => {
      const encoder = await createEncoder(model, { ...device, report: { used: 'cpu', refused: [] } });
      const row = await encoder.texts([encoder.tokenize('a red house')]);
      await encoder.release();
      return row;
    }),
  );
  expect(rows[1]).toEqual(rows[0]);
});
