import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import proto, { type onnx } from 'onnx-proto';
import { Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEncoder, type Encoder } from '../../../server/embeddings/encoder.js';
import { embeddedModelFolder, loadModel, type ProxyModel } from '../../../server/embeddings/model.js';
import { PIXELS, withPixelInput } from '../../../server/embeddings/pixelGraph.js';
import { fieldsOf, lengthDelimited } from '../../../server/embeddings/protobuf.js';
import { createSession, type Device } from '../../../server/engine/device.js';
import { softwareGpu } from '../../setup/softwareGpu.js';
import { scratchFolder } from '../cli.js';
import { withExternalData } from './rewrittenGraphs.js';

const gpu = softwareGpu();
const COUNT = 3;
const on = (name: Device['name']): Device => ({ name, report: { used: name, refused: [] } });

let model: ProxyModel;
let cpu: Encoder;
let pictures: Buffer[];
let expected: Float32Array;
beforeAll(async () => {
  model = await loadModel();
  cpu = await createEncoder(model, on('cpu'));
  const { cropWidth, cropHeight } = model.pixels;
  pictures = Array.from({ length: COUNT }, (_, picture) =>
    Buffer.from(
      Array.from(
        { length: 3 * cropWidth * cropHeight },
        (_, i) => ((i % 191) * (picture + 2) + (i >> 7)) % 256,
      ),
    ),
  );
  expected = await cpu.images(pictures);
});
afterAll(() => cpu.release());

function agreement(
  found: Float32Array,
  wanted: Float32Array,
  dim: number,
): { largest: number; cosine: number } {
  let [largest, cosine] = [0, 1];
  for (let at = 0; at < wanted.length; at += dim) {
    let product = 0;
    for (let j = at; j < at + dim; j++) {
      product += found[j]! * wanted[j]!;
      largest = Math.max(largest, Math.abs(found[j]! - wanted[j]!));
    }
    cosine = Math.min(cosine, product);
  }
  expect(found).toHaveLength(wanted.length);
  return { largest, cosine };
}

/** What a rewritten image tower makes of the pictures on the CPU, unit vectors. */
async function run(graph: Uint8Array, weightsIn?: string): Promise<Float32Array> {
  const session = await createSession(graph, on('cpu'), weightsIn === undefined ? {} : { weightsIn });
  const { cropWidth, cropHeight } = model.pixels;
  const pixels = new Tensor('uint8', new Uint8Array(Buffer.concat(pictures)), [
    COUNT,
    cropHeight,
    cropWidth,
    3,
  ]);
  expect(session.inputNames).toEqual([PIXELS]);
  const values = (await session.run({ [PIXELS]: pixels }))['image_embeds']!.data as Float32Array;
  await session.release();
  for (let at = 0; at < values.length; at += model.dim) {
    const norm = Math.hypot(...values.subarray(at, at + model.dim));
    for (let j = at; j < at + model.dim; j++) values[j]! /= norm;
  }
  return values;
}

describe('an image tower with its pixels normalised inside', () => {
  it('gives the embeddings of the tower as it was', async () => {
    const found = await run(withPixelInput(readFileSync(model.vision), model.pixels)!);
    expect(agreement(found, expected, model.dim).largest).toBeLessThan(1e-5);
  });

  it('finds weights that lie in a file beside it', async () => {
    const folder = scratchFolder();
    const { graph, data } = withExternalData(readFileSync(model.vision), 'weights.data');
    writeFileSync(join(folder, 'weights.data'), data);
    const found = await run(withPixelInput(graph, model.pixels)!, folder);
    expect(agreement(found, expected, model.dim).largest).toBeLessThan(1e-5);
  });

  it('keeps every byte of the model but its input, fields of a later schema included', () => {
    // Fields 60 of the model and 61 of its graph, which no schema has yet.
    const later = Buffer.concat([
      Buffer.from([0xe2, 0x03, 5]),
      Buffer.from('model'),
      ...[...fieldsOf(readFileSync(model.vision))].flatMap(({ number, whole, body }) =>
        number === 7
          ? lengthDelimited(7, [body, Buffer.from([0xea, 0x03, 5]), Buffer.from('graph')])
          : [whole],
      ),
    ]);
    const found = Buffer.from(withPixelInput(later, model.pixels)!);
    for (const text of ['model', 'graph']) expect(found.includes(text)).toBe(true);
    const { graph } = proto.onnx.ModelProto.decode(found);
    const before = proto.onnx.ModelProto.decode(readFileSync(model.vision)).graph!;
    expect(graph!.node!.length).toBe(before.node!.length + 6);
    expect(graph!.input!.map(({ name }) => name)).toEqual([PIXELS]);
    const weights = (of: onnx.IGraphProto): Uint8Array =>
      proto.onnx.GraphProto.encode({ initializer: of.initializer ?? [] }).finish();
    expect(Buffer.compare(weights(graph!), weights(before))).toBe(0);
  });

  it('is not made of a graph without float32 pixel_values, nor of what is no graph', async () => {
    expect(withPixelInput(readFileSync(model.text), model.pixels)).toBeNull();
    const half = proto.onnx.ModelProto.decode(readFileSync(model.vision));
    half.graph!.input![0]!.type!.tensorType!.elemType = proto.onnx.TensorProto.DataType.FLOAT16;
    expect(withPixelInput(proto.onnx.ModelProto.encode(half).finish(), model.pixels)).toBeNull();
    const cut = readFileSync(model.vision).subarray(0, 100_000);
    expect(() => withPixelInput(cut, model.pixels)).toThrow('the message is cut short');
    expect(() => withPixelInput(Buffer.from('not a graph'), model.pixels)).toThrow(/wire type|cut short/);
  });
});

describe.skipIf(!gpu)('on WebGPU, in software', () => {
  beforeAll(() => void (process.env['VK_ICD_FILENAMES'] = gpu!.VK_ICD_FILENAMES));
  afterAll(() => void delete process.env['VK_ICD_FILENAMES']);

  it('embeddings of images and captions agree with the CPU, pixels being normalised there', async () => {
    const encoder = await createEncoder(model, on('webgpu'));
    // One: in software a picture takes seconds.
    const images = agreement(
      await encoder.images(pictures.slice(0, 1)),
      expected.subarray(0, model.dim),
      model.dim,
    );
    const tokens = ['a red house', 'a big house'].map((caption) => cpu.tokenize(caption));
    const texts = agreement(await encoder.texts(tokens), await cpu.texts(tokens), model.dim);
    await encoder.release();
    for (const { largest, cosine } of [images, texts]) {
      expect(largest).toBeLessThan(1e-3);
      expect(cosine).toBeGreaterThan(0.9999);
    }
  });

  it('a model that cannot be read is refused in the words of the CPU', async () => {
    const folder = join(scratchFolder(), 'broken');
    cpSync(embeddedModelFolder(), folder, { recursive: true });
    const vision = join(folder, 'onnx', 'vision_model.onnx');
    writeFileSync(vision, readFileSync(vision).subarray(0, 100_000));
    const broken = await loadModel(folder);
    for (const name of ['cpu', 'webgpu'] as const)
      await expect(createEncoder(broken, on(name))).rejects.toMatchObject({
        code: 'model-unreadable',
        message: expect.stringMatching(new RegExp(`cannot be loaded on ${name}: .*[Pp]rotobuf`)),
        where: vision,
      });
  });
});
