import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { buildSync } from 'esbuild';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { decodeImage } from '../../../server/embeddings/pictures.js';
import type { PixelPlan } from '../../../server/embeddings/model.js';

/** The module as a thread's script. */
const script = buildSync({
  entryPoints: ['server/embeddings/pictures.ts'],
  bundle: true,
  platform: 'node',
  packages: 'external',
  write: false,
}).outputFiles[0]!.text;
const PLAN: PixelPlan = {
  resize: { shortestEdge: 16 },
  cropWidth: 16,
  cropHeight: 16,
  kernel: 'cubic',
  rescale: 1 / 255,
  mean: [0, 0, 0],
  std: [1, 1, 1],
};

it('no picture is refused while another thread loads the decoder', async () => {
  const png = await sharp({ create: { width: 16, height: 16, channels: 3, background: '#123456' } })
    .png()
    .toBuffer();
  let loading = true;
  let decoded = 0;
  const decoding = Array.from({ length: 48 }, async () => {
    while (loading) {
      await decodeImage(png, PLAN);
      decoded++;
    }
  });
  const failed = Promise.all(decoding).then(
    () => null,
    (error: unknown) => error,
  );
  for (let i = 0; i < 10; i++) {
    const thread = new Worker(script, { eval: true });
    expect(await once(thread, 'exit')).toEqual([0]);
  }
  loading = false;
  expect(await failed).toBeNull();
  expect(decoded).toBeGreaterThan(100);
});
