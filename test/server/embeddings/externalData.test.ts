import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import proto from 'onnx-proto';
import { describe, expect, it } from 'vitest';
import { createEncoder } from '../../../server/embeddings/encoder.js';
import { externalData } from '../../../server/embeddings/externalData.js';
import { embeddedModelFolder, loadModel } from '../../../server/embeddings/model.js';
import type { Device } from '../../../server/engine/device.js';
import { scratchFolder, write } from '../cli.js';
import { withExternalData } from './rewrittenGraphs.js';

const folder = scratchFolder();
const VISION = 'onnx/vision_model.onnx';
const whole = readFileSync(join(embeddedModelFolder(), VISION));
let made = 0;

/** The embedded model whose image tower keeps its weights at `location`; they lie at `at`, or nowhere. */
function modelWith(location: string, at: string | null = join('onnx', location)): string {
  const path = join(folder, `${++made}`);
  cpSync(embeddedModelFolder(), path, { recursive: true });
  const { graph, data } = withExternalData(whole, location);
  writeFileSync(join(path, VISION), graph);
  if (at !== null) {
    mkdirSync(dirname(join(path, at)), { recursive: true });
    writeFileSync(join(path, at), data);
  }
  return path;
}

describe('weights beside a graph', () => {
  it('are found under whatever name the graph says, belong to the fingerprint, and embed as before', async () => {
    const black = [Buffer.alloc(64 * 64 * 3)];
    const device: Device = { name: 'cpu', report: { used: 'cpu', refused: [] } };
    const embedded = async (path?: string): Promise<Float32Array> => {
      const encoder = await createEncoder(await loadModel(path), device);
      return encoder.images(black).finally(() => encoder.release());
    };
    const expected = await embedded();
    for (const name of ['vision_model.onnx_data', 'Konstanten Ä.bin', 'weights/all.bin']) {
      const path = modelWith(name);
      expect(externalData(join(path, VISION))).toEqual([join(path, 'onnx', name)]);
      expect(await embedded(path), name).toEqual(expected);
      const before = (await loadModel(path)).fingerprint;
      const bytes = readFileSync(join(path, 'onnx', name));
      bytes[0]! ^= 1;
      writeFileSync(join(path, 'onnx', name), bytes);
      expect((await loadModel(path)).fingerprint, name).not.toBe(before);
    }
  });

  it('are not read where the graph leads out of its folder', async () => {
    for (const [location, at] of [
      ['../outside.bin', 'outside.bin'],
      ['a/../../outside.bin', 'outside.bin'],
      ['..\\outside.bin', null],
      ['/etc/hostname', null],
      ['C:\\weights.bin', null],
      ['\\\\host\\share', null],
      ['', null],
    ] as const)
      await expect(loadModel(modelWith(location, at)), location).rejects.toMatchObject({
        code: 'model-unsafe',
        message: expect.stringContaining(`'${location}'`),
        where: expect.stringMatching(/vision_model\.onnx$/),
      });
  });

  it('that are missing are named', async () => {
    await expect(loadModel(modelWith('elsewhere.bin', null))).rejects.toMatchObject({
      code: 'model-incomplete',
      message: expect.stringContaining("'elsewhere.bin'"),
    });
  });

  it('are found in constants, in graphs inside of graphs and in functions too', async () => {
    const tensor = (value: string): object => ({
      externalData: [
        { key: 'offset', value: '0' },
        { key: 'location', value },
      ],
    });
    const node = (attribute: object): object => ({ opType: 'X', attribute: [{ name: 'a', ...attribute }] });
    const model = proto.onnx.ModelProto.create({
      graph: {
        node: [
          node({ t: tensor('1') }),
          node({ tensors: [tensor('2')] }),
          node({
            g: { initializer: [tensor('3')], node: [node({ graphs: [{ initializer: [tensor('4')] }] })] },
          }),
        ],
        sparseInitializer: [{ values: tensor('5'), indices: tensor('6') }],
        // Longer than what is read at once: passed over, and what follows is found.
        initializer: [{ rawData: new Uint8Array(200_000).fill(0x6a) }, tensor('7')],
      },
      functions: [{ node: [node({ t: tensor('8') })] }],
    });
    const file = join(folder, 'deep', 'model.onnx');
    await write(file, Buffer.from(proto.onnx.ModelProto.encode(model).finish()));
    const names = ['1', '2', '3', '4', '5', '6', '7', '8'];
    for (const name of names) await write(join(folder, 'deep', name), 'weights');
    expect(externalData(file)).toEqual(names.map((name) => join(folder, 'deep', name)));
  });
});
