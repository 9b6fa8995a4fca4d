import { closeSync, openSync, readSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import proto from 'onnx-proto';
import { cpus } from 'node:os';
import { openStore } from '../../server/embeddings/store.js';
import { median } from './measure.js';
import type { Synthetic } from './synthetic.js';

const { TensorProto, ModelProto, AttributeProto } = proto.onnx;
const [ROWS, DIM] = [4096, 512];

/**
 * What no selection by a full class product can undercut: reading the store once from the page cache, and the product
 * of all images with all classes in float32 at the rate that ONNX Runtime reaches here with all cores. Seconds.
 */
export async function limit(data: Synthetic, classes: number): Promise<{ read: number; product: number }> {
  const read = median([readAll(data), readAll(data), readAll(data)]);
  return { read, product: ((await productSeconds(classes)) * data.pairs) / ROWS };
}

function readAll(data: Synthetic): number {
  const buffer = Buffer.alloc(2 ** 20);
  const started = performance.now();
  for (const part of openStore(data.folder).parts)
    for (const { file } of [part.images, part.texts]) {
      const descriptor = openSync(file, 'r');
      while (readSync(descriptor, buffer) > 0);
      closeSync(descriptor);
    }
  return (performance.now() - started) / 1000;
}

/** Of one product [4096, 512]·[512, classes] reduced to its largest, so that nothing large is copied out. */
async function productSeconds(classes: number): Promise<number> {
  const values = Float32Array.from({ length: DIM * classes }, (_, i) => Math.sin(i));
  const value = (name: string, dims: (number | string)[]) => ({
    name,
    type: {
      tensorType: {
        elemType: TensorProto.DataType.FLOAT,
        shape: { dim: dims.map((d) => (typeof d === 'number' ? { dimValue: d } : { dimParam: d })) },
      },
    },
  });
  const graph = ModelProto.encode({
    irVersion: 8,
    opsetImport: [{ domain: '', version: 17 }],
    graph: {
      name: 'product',
      input: [value('rows', ['m', DIM])],
      output: [value('largest', ['m'])],
      initializer: [
        {
          name: 'classes',
          dims: [DIM, classes],
          dataType: TensorProto.DataType.FLOAT,
          rawData: new Uint8Array(values.buffer),
        },
      ],
      node: [
        { opType: 'MatMul', input: ['rows', 'classes'], output: ['scores'] },
        {
          opType: 'ReduceMax',
          input: ['scores'],
          output: ['largest'],
          attribute: [
            { name: 'axes', ints: [1], type: AttributeProto.AttributeType.INTS },
            { name: 'keepdims', i: 0, type: AttributeProto.AttributeType.INT },
          ],
        },
      ],
    },
  }).finish();
  const session = await InferenceSession.create(graph, { intraOpNumThreads: cpus().length });
  const rows = new Tensor(
    'float32',
    Float32Array.from({ length: ROWS * DIM }, (_, i) => Math.cos(i)),
    [ROWS, DIM],
  );
  const times: number[] = [];
  for (let run = 0; run < 60; run++) {
    const started = performance.now();
    await session.run({ rows });
    times.push(performance.now() - started);
  }
  await session.release();
  return median(times) / 1000;
}
