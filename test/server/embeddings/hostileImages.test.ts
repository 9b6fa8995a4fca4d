import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeFailure, decodeImage } from '../../../server/embeddings/pictures.js';
import { scratchFolder, write } from '../cli.js';
import { embed, loadTools, paint, type Tools } from './embedding.js';
import { blackPng } from './pngFile.js';

const folder = scratchFolder();
const MiB = 2 ** 20;
let tools: Tools;
beforeAll(async () => {
  tools = await loadTools();
});
let made = 0;

/** Embeds the images after a good one and before another; what is left out, by file, and how much memory it took. */
async function skippedOf(
  images: Record<string, Buffer>,
): Promise<{ left: Record<string, string>; grown: number }> {
  const root = join(folder, `${++made}`);
  const all = { 'first.png': await paint(1), ...images, 'last.png': await paint(2) };
  const names = Object.keys(all);
  for (const [name, bytes] of Object.entries(all)) await write(join(root, name), bytes);
  await write(
    join(root, 'pairs.csv'),
    `image,caption\n${names.map((name) => `${name},of ${name}\n`).join('')}`,
  );
  const before = process.resourceUsage().maxRSS;
  const { store, pairs, imagesEncoded } = await embed(join(root, 'pairs.csv'), join(root, 'home'), tools);
  const grown = (process.resourceUsage().maxRSS - before) * 1024;
  expect(pairs).toBe(names.length);
  const lines = readFileSync(join(store, 'skipped', 'skipped_0.jsonl'), 'utf8')
    .trim()
    .split('\n');
  const skipped = lines.map((line) => JSON.parse(line) as { reason: string; where: string });
  expect(imagesEncoded).toBe(names.length - skipped.length);
  return { left: Object.fromEntries(skipped.map(({ where, reason }) => [where, reason])), grown };
}

describe('an image that asks for more than it is', () => {
  it('costs its row, and no memory, where it has 30,000 × 30,000 pixels', async () => {
    // What it would take decoded: 858 MiB of gray alone.
    const { left, grown } = await skippedOf({ 'huge.png': blackPng(30_000, 30_000) });
    expect(left).toEqual({ 'huge.png': 'image has more than 268435456 pixels' });
    expect(grown).toBeLessThan(200 * MiB);
  });

  it('does not unpack what a PNG carries beside its pixels without a limit', async () => {
    const bomb = deflateSync(Buffer.alloc(512 * MiB), { level: 1 });
    const before = process.resourceUsage().maxRSS;
    for (const [type, head] of [
      ['iCCP', 'name\0\0'],
      ['zTXt', 'Comment\0\0'],
      ['iTXt', 'Comment\0\x01\0\0\0'],
    ] as const) {
      const image = blackPng(64, 64, [[type, Buffer.concat([Buffer.from(head, 'latin1'), bomb])]]);
      // Whether the picture is then taken or refused is the decoder's; its pixels are what they are.
      const found = await decodeImage(image, tools.model.pixels).catch(decodeFailure);
      expect(typeof found === 'string' ? found : found.every((value) => value === 0), type).toSatisfy(
        (it: unknown) => it === true || it === 'image is damaged or truncated',
      );
    }
    expect((process.resourceUsage().maxRSS - before) * 1024).toBeLessThan(128 * MiB);
  });
});

describe('an image that refers to others', () => {
  it('is not opened, whatever its name says', async () => {
    let requests = 0;
    const server = createServer((_, answer) => {
      requests++;
      answer.end();
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    try {
      const web = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x.png`;
      const secret = join(folder, 'secret.png');
      await write(secret, await paint(3));
      const svg = (href: string): Buffer =>
        Buffer.from(
          `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY e SYSTEM "${href}">]>` +
            `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="64" height="64">` +
            `<image href="${href}" xlink:href="${href}" width="64" height="64"/><style>@import url(${href});</style>` +
            `<text>&e;</text></svg>`,
        );
      const { left } = await skippedOf({
        'web.svg': svg(web),
        'web.png': svg(web),
        'file.png': svg(pathToFileURL(secret).href),
      });
      const reason = 'image format is not supported';
      expect(left).toEqual({ 'web.svg': reason, 'web.png': reason, 'file.png': reason });
      expect(requests).toBe(0);
    } finally {
      server.close();
    }
  });
});

describe('the decoder', () => {
  it('opens six formats and no other', async () => {
    const { pixels } = tools.model;
    const picture = sharp(await paint(4));
    for (const format of ['jpeg', 'png', 'webp', 'gif', 'avif', 'tiff'] as const) {
      const bytes = await picture.clone().toFormat(format).toBuffer();
      expect((await decodeImage(bytes, pixels)).length, format).toBe(
        3 * pixels.cropWidth * pixels.cropHeight,
      );
    }
    for (const [format, bytes] of Object.entries({
      ppm: Buffer.from('P6 1 1 255\n\x01\x02\x03', 'latin1'),
      pgm: Buffer.from('P2 1 1 255\n7\n'),
      radiance: Buffer.from('#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 1\n\x01\x02\x03\x80', 'latin1'),
      vips: Buffer.concat([Buffer.of(0x08, 0xf2, 0xa6, 0xb6), Buffer.alloc(64)]),
      bmp: Buffer.concat([Buffer.from('BM'), Buffer.alloc(64)]),
      jxl: Buffer.concat([Buffer.of(0xff, 0x0a), Buffer.alloc(64)]),
      csv: Buffer.from('1,2,3\n4,5,6\n'),
    }))
      expect(await decodeImage(bytes, pixels).catch(decodeFailure), format).toBe(
        'image format is not supported',
      );
  });
});
