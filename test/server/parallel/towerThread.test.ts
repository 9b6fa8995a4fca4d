import { cpSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEncoder, type Encoder } from '../../../server/embeddings/encoder.js';
import { embeddedModelFolder, loadModel, type ProxyModel } from '../../../server/embeddings/model.js';
import type { Device } from '../../../server/engine/device.js';
import { ClipcovError } from '../../../server/errors.js';
import { encoderInThread } from '../../../server/parallel/towerThread.js';
import { scratchFolder } from '../cli.js';

const folder = scratchFolder();
const CPU: Device = { name: 'cpu', report: { used: 'cpu', refused: [] } };
let model: ProxyModel;
let here: Encoder;
let there: Encoder;
beforeAll(async () => {
  model = await loadModel();
  here = await createEncoder(model, CPU);
  there = await encoderInThread(model, CPU);
});
afterAll(async () => {
  await Promise.all([here.release(), there.release()]);
});

const pictures = (count: number): Buffer[] => {
  const { cropWidth, cropHeight } = model.pixels;
  return Array.from({ length: count }, (_, n) =>
    Buffer.from(
      Array.from({ length: 3 * cropWidth * cropHeight }, (_, i) => (i * (n + 3) * 2654435761) >>> 24),
    ),
  );
};

/** What a thread got round to while it waited. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let waiting = true;
  const turn = (): void => {
    turns++;
    if (waiting) setTimeout(turn, 1);
  };
  setTimeout(turn, 1);
  await work();
  waiting = false;
  return turns;
}

describe('an encoder in a thread of its own', () => {
  it('gives the bytes that the calling thread gives, and the same tokens', async () => {
    const three = pictures(3);
    expect(await there.images(three)).toEqual(await here.images(three));
    const captions = ['a red car', 'an old house'].map((caption) => there.tokenize(caption));
    expect(captions).toEqual(['a red car', 'an old house'].map((caption) => here.tokenize(caption)));
    for (const tokens of captions) expect(await there.texts([tokens])).toEqual(await here.texts([tokens]));
  });

  it('answers questions that were asked together, each with its own', async () => {
    const all = pictures(6);
    const expected = await Promise.all(all.map(async (one) => there.images([one])));
    for (const [i, one] of all.entries()) expect(expected[i]).toEqual(await here.images([one]));
  });

  it('leaves the calling thread free while a batch runs', async () => {
    const batch = pictures(32);
    expect(await turnsDuring(() => here.images(batch))).toBeLessThanOrEqual(2);
    expect(await turnsDuring(() => there.images(batch))).toBeGreaterThan(10);
  });

  it('fails as the calling thread does: with what is wrong with the model, and how to mend it', async () => {
    const broken = join(folder, 'broken');
    cpSync(embeddedModelFolder(), broken, { recursive: true });
    truncateSync(join(broken, 'onnx', 'text_model.onnx'), 5000);
    const cut = await loadModel(broken);
    const errors = await Promise.all(
      [createEncoder, encoderInThread].map((open) => open(cut, CPU).catch((error: unknown) => error)),
    );
    for (const error of errors) expect(error).toBeInstanceOf(ClipcovError);
    expect((errors[1] as ClipcovError).message).toBe((errors[0] as ClipcovError).message);
    expect((errors[1] as ClipcovError).data).toEqual((errors[0] as ClipcovError).data);
  });

  it('fails with the reason where a batch cannot be run, and goes on', async () => {
    await expect(there.texts([[1e9, 3]])).rejects.toThrow(/indices|bounds|Gather/i);
    const two = pictures(2);
    expect(await there.images(two)).toEqual(await here.images(two));
  });
});
