import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import proto, { type onnx } from 'onnx-proto';
import { describe, expect, it } from 'vitest';
import { embeddedModelFolder } from '../../../server/embeddings/model.js';
import { requireHalfPrecision } from '../../../server/engine/halfPrecision.js';
import { thisMachine } from '../../../server/engine/machine.js';
import { checkModelJob, type ModelCheck } from '../../../server/jobs/checkModelJob.js';
import type { ModelVariant } from '../../../server/protocol/models.js';
import { softwareGpu } from '../../setup/softwareGpu.js';
import { runCli, scratchFolder } from '../cli.js';

type Edit = (graph: onnx.IGraphProto) => void;
const asItIs: Edit = () => undefined;

/** The embedded model with a variant made from its own graphs. */
function withVariant(variant: ModelVariant, vision: Edit, text: Edit): string {
  const folder = join(scratchFolder(), 'model');
  cpSync(embeddedModelFolder(), folder, { recursive: true });
  for (const [tower, edit] of Object.entries({ vision, text })) {
    const file = join(folder, 'onnx', `${tower}_model`);
    const model = proto.onnx.ModelProto.decode(readFileSync(`${file}.onnx`));
    edit(model.graph!);
    writeFileSync(`${file}_${variant}.onnx`, proto.onnx.ModelProto.encode(model).finish());
  }
  return folder;
}

/** Weights, which are half precision, cut to so many bits behind the first. */
const cutTo =
  (bits: number): Edit =>
  ({ initializer }) => {
    for (const tensor of initializer!) {
      if (tensor.dataType !== proto.onnx.TensorProto.DataType.FLOAT16) continue;
      const raw = Uint8Array.from(tensor.rawData!);
      const halves = new Uint16Array(raw.buffer);
      const dropped = 10 - bits;
      halves.forEach((half, i) => (halves[i] = (half >> dropped) << dropped));
      tensor.rawData = raw;
    }
  };

/** Embeddings that point the other way. */
const negated: Edit = ({ node, output }) => {
  const { name } = output![0]!;
  const last = node!.find((one) => one.output!.includes(name!))!;
  last.output = ['upright'];
  node!.push(proto.onnx.NodeProto.create({ opType: 'Neg', input: ['upright'], output: [name!] }));
};

const compare = (model: string, variant: ModelVariant): Promise<ModelCheck> =>
  checkModelJob({ model, device: 'cpu', compare: variant }, { cancelled: () => false });

describe('a variant beside the full model', () => {
  it('agrees wholly where it is the same, and not at all where it points the other way', async () => {
    const found = await compare(withVariant('fp16', asItIs, negated), 'fp16');
    expect(found.vision).toBe('vision_model.onnx');
    expect(found.comparison).toMatchObject({ variant: 'fp16', vision: 'vision_model_fp16.onnx', sample: 32 });
    const { images, captions, imagesPerSecond } = found.comparison!;
    for (const value of [images.mean, images.worst, -captions.mean, -captions.worst])
      expect(value).toBeCloseTo(1, 5);
    expect(imagesPerSecond).toBeGreaterThan(1);
  });

  it('agrees the less, the fewer bits its weights keep', async () => {
    const [five, two] = [
      (await compare(withVariant('quantized', cutTo(5), cutTo(5)), 'quantized')).comparison!,
      (await compare(withVariant('quantized', cutTo(2), cutTo(2)), 'quantized')).comparison!,
    ];
    for (const side of ['images', 'captions'] as const) {
      expect(five[side].mean).toBeGreaterThan(0.99);
      expect(five[side].mean).toBeLessThan(0.999999);
      expect(two[side].mean).toBeLessThan(five[side].mean);
      for (const { mean, worst } of [five[side], two[side]]) expect(worst).toBeLessThan(mean);
    }
  });

  it('is told by the command line, and what is missing of it', async () => {
    const folder = withVariant('fp16', asItIs, asItIs);
    const { stdout, stderr, code } = await runCli(
      ...['models', 'check', folder, '--device', 'cpu', '--compare', 'fp16'],
    );
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^graphs {3}vision_model\.onnx/m);
    expect(stdout).toMatch(/^fp16 {5}vision_model_fp16\.onnx, roughly \S+ images a second$/m);
    expect(stdout).toMatch(/32 images: {3}cosine 1\.00000 on average, 1\.00000 at worst/);
    expect(stdout).toMatch(/32 captions: cosine 1\.00000 on average, 1\.00000 at worst/);
    const missing = await runCli('models', 'check', folder, '--device', 'cpu', '--compare', 'quantized');
    expect([missing.code, missing.stderr]).toEqual([
      1,
      expect.stringMatching(/vision_model_quantized\.onnx/),
    ]);
    expect((await runCli('models', 'check', folder, '--compare', 'int4')).code).toBe(2);
  });
});

describe('half precision on an accelerator', () => {
  it.skipIf(!softwareGpu())('is refused where the probe finds none, in software for one', async () => {
    const machine = { ...thisMachine(), env: { ...process.env, ...softwareGpu() } };
    await expect(
      requireHalfPrecision({ name: 'webgpu', report: { used: '', refused: [] } }, machine),
    ).rejects.toMatchObject({
      code: 'device-refused',
      message: expect.stringMatching(/^No half precision on webgpu: Program Cast requires f16/),
      fix: expect.stringMatching(/full model/),
    });
  });

  it('is asked of no CPU', async () => {
    const machine = { ...thisMachine(), probe: '/nowhere.js' };
    await requireHalfPrecision({ name: 'cpu', report: { used: '', refused: [] } }, machine);
  });
});
