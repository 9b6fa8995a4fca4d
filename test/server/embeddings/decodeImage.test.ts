import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { embeddedModelFolder, loadModel, type PixelPlan } from '../../../server/embeddings/model.js';
import { decodeFailure, decodeImage } from '../../../server/embeddings/pictures.js';
import { normalisePixels } from '../../../server/embeddings/pixels.js';
import { bytesOf, centreCrop, pictureOf, resized, type Picture } from './resizeReference.js';

const EDGE = 64;
const plan: PixelPlan = {
  resize: { shortestEdge: EDGE },
  cropWidth: EDGE,
  cropHeight: EDGE,
  kernel: 'cubic',
  rescale: 1 / 255,
  mean: [0.5, 0.25, 0],
  std: [0.5, 0.2, 1],
};

const png = (picture: Picture): Promise<Buffer> =>
  sharp(bytesOf(picture), { raw: { width: picture[0]!.length, height: picture.length, channels: 3 } })
    .png()
    .toBuffer();
const flat = (channels: number[], width = 70, height = 66): Uint8Array =>
  Uint8Array.from({ length: width * height * channels.length }, (_, i) => channels[i % channels.length]!);
const raw = (channels: number[]): Sharp =>
  sharp(flat(channels), { raw: { width: 70, height: 66, channels: channels.length as 1 | 2 | 3 | 4 } });

function farthest(found: Buffer, expected: Picture): number {
  const values = expected.flat(2);
  expect(found.length).toBe(values.length);
  return values.reduce((most, value, i) => Math.max(most, Math.abs(value - found[i]!)), 0);
}

/** Every pixel is within `by` of one colour. */
function expectColour(found: Buffer, colour: [number, number, number], by: number): void {
  expect(
    farthest(
      found,
      pictureOf(EDGE, EDGE, () => colour),
    ),
  ).toBeLessThanOrEqual(by);
}

/** A picture with detail in every channel, and no symmetry that hides a swap of axes. */
const textured = (width: number, height: number): Picture =>
  pictureOf(width, height, (x, y) => [
    Math.round(127 + 120 * Math.sin(x / 5) * Math.cos(y / 9)),
    Math.round(127 + 120 * Math.cos((x + 2 * y) / 11)),
    Math.round((255 * x) / width),
  ]);

describe('decodeImage', () => {
  it('leaves a picture of the right size as it is', async () => {
    const picture = textured(EDGE, EDGE);
    expect(await decodeImage(await png(picture), plan)).toEqual(bytesOf(picture));
  });

  for (const [width, height] of [
    [96, 96],
    [120, 96],
    [96, 120],
    [72, 144],
  ] as const)
    it(`resizes the shortest edge of ${width} × ${height} and crops the centre, as PIL does`, async () => {
      const picture = textured(width, height);
      const scale = EDGE / Math.min(width, height);
      const expected = centreCrop(resized(picture, width * scale, height * scale), EDGE);
      expect(farthest(await decodeImage(await png(picture), plan), expected)).toBeLessThanOrEqual(3);
    });

  // PIL's numbers 1 and 0 in a preprocessor_config.json.
  it('resizes by Lanczos and by the nearest pixel as PIL does', async () => {
    for (const [width, height] of [
      [96, 96],
      [120, 96],
      [90, 150],
    ] as const) {
      const picture = textured(width, height);
      const scale = EDGE / Math.min(width, height);
      const [w, h] = [Math.floor(width * scale), Math.floor(height * scale)];
      const found = await decodeImage(await png(picture), { ...plan, kernel: 'lanczos3' });
      const cropped = centreCrop(resized(picture, w, h, 'lanczos'), EDGE);
      expect(farthest(found, cropped), `lanczos ${width} × ${height}`).toBeLessThanOrEqual(4);
      // Which of two pixels is the nearest may fall either way: a column says its own number.
      const marked = pictureOf(width, height, (x, y) => [2 * x, 2 * y, 0]);
      const nearest = await decodeImage(await png(marked), { ...plan, kernel: 'nearest' });
      const expected = centreCrop(resized(marked, w, h, 'nearest'), EDGE);
      expect(farthest(nearest, expected), `nearest ${width} × ${height}`).toBeLessThanOrEqual(2);
      expect(nearest.every((value) => value % 2 === 0)).toBe(true);
    }
  });

  it('crops the middle exactly: a marked column lands where it must', async () => {
    for (const [width, height] of [
      [101, 64],
      [100, 64],
      [64, 99],
    ] as const) {
      const picture = pictureOf(width, height, (x, y) => [x, y, 0]);
      const expected = centreCrop(picture, EDGE);
      expect(farthest(await decodeImage(await png(picture), plan), expected), `${width} × ${height}`).toBe(0);
    }
  });

  // 122 × 80 becomes 97.6 × 64: the processors of Hugging Face and torchvision cut that to 97, whose crop starts at 16.
  it('cuts the length of the long edge down to a whole number, as the reference processors do', async () => {
    const picture = textured(122, 80);
    const found = await decodeImage(await png(picture), plan);
    const right = farthest(found, centreCrop(resized(picture, 97, 64), EDGE));
    const wrong = farthest(found, centreCrop(resized(picture, 98, 64), EDGE));
    expect(right).toBeLessThan(wrong);
  });

  it('enlarges what is smaller than the model asks', async () => {
    const found = await decodeImage(await png(pictureOf(1, 3, () => [10, 20, 30])), plan);
    expectColour(found, [10, 20, 30], 1);
  });

  it('lays transparency over white, fully, by half, and not at all', async () => {
    for (const [alpha, colour] of [
      [0, [255, 255, 255]],
      [255, [200, 100, 0]],
      [128, [200, 100, 0].map((value) => (value * 128 + 255 * 127) / 255)],
    ] as [number, [number, number, number]][])
      for (const encoded of [
        await raw([200, 100, 0, alpha]).png().toBuffer(),
        await raw([200, 100, 0, alpha]).webp({ lossless: true, exact: true }).toBuffer(),
      ])
        expectColour(await decodeImage(encoded, plan), colour, 1.5);
  });

  it('makes RGB of gray, gray with alpha, palettes, 16 bits and CMYK', async () => {
    const sixteen = (channels: number[]): Sharp =>
      sharp(
        Uint16Array.from(flat(channels), (value) => value * 257),
        { raw: { width: 70, height: 66, channels: channels.length as 1 | 3 } },
      );
    const gray = await raw([90]).toColourspace('b-w').png().toBuffer();
    expect((await sharp(gray).metadata()).channels).toBe(1);
    expectColour(await decodeImage(gray, plan), [90, 90, 90], 0);
    expectColour(await decodeImage(await raw([50, 128]).png().toBuffer(), plan), [152, 152, 152], 1);
    const palette = await raw([200, 100, 50]).png({ palette: true, colours: 4 }).toBuffer();
    // The colour type in the header of a PNG: 3 is a palette.
    expect(palette[25]).toBe(3);
    expectColour(await decodeImage(palette, plan), [200, 100, 50], 1);
    expectColour(await decodeImage(await raw([200, 100, 50]).gif().toBuffer(), plan), [200, 100, 50], 1);
    const rgb16 = await sixteen([200, 100, 50]).toColourspace('rgb16').png().toBuffer();
    expect((await sharp(rgb16).metadata()).depth).toBe('ushort');
    expectColour(await decodeImage(rgb16, plan), [200, 100, 50], 1);
    const gray16 = await sixteen([90]).toColourspace('grey16').png().toBuffer();
    expect((await sharp(gray16).metadata()).depth).toBe('ushort');
    expectColour(await decodeImage(gray16, plan), [90, 90, 90], 1);
    const cmyk = await raw([200, 100, 50]).toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer();
    expect((await sharp(cmyk).metadata()).space).toBe('cmyk');
    // The way to ink and back is not exact.
    expectColour(await decodeImage(cmyk, plan), [200, 100, 50], 40);
  });

  it('ignores the EXIF orientation, as PIL does', async () => {
    const half = pictureOf(EDGE, EDGE, (x) => (x < EDGE / 2 ? [0, 0, 0] : [255, 255, 255]));
    const turned = await sharp(await png(half))
      .withMetadata({ orientation: 6 })
      .png()
      .toBuffer();
    expect((await sharp(turned).metadata()).orientation).toBe(6);
    expect(await decodeImage(turned, plan)).toEqual(bytesOf(half));
  });

  it('refuses SVG, PDF, damaged and unknown content, each with a reason that does not change', async () => {
    const whole = await raw([1, 2, 3]).png().toBuffer();
    const noise = await png(
      pictureOf(64, 64, (x, y) => [(x * 57 + y * 91) % 256, (x * y) % 256, (x ^ y) % 256]),
    );
    const cases: [string, Buffer, string][] = [
      [
        'SVG',
        Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
        'image format is not supported',
      ],
      [
        'XML that is an SVG',
        Buffer.from(
          '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>',
        ),
        'image format is not supported',
      ],
      ['PDF', Buffer.from('%PDF-1.4\n%%EOF'), 'image format is not supported'],
      ['text', Buffer.from('not a picture'), 'image format is not supported'],
      ['half a PNG', noise.subarray(0, noise.length / 2), 'image is damaged or truncated'],
      ['a PNG signature alone', whole.subarray(0, 20), 'image is damaged or truncated'],
    ];
    for (const [name, bytes, reason] of cases) {
      const error = await decodeImage(bytes, plan).then(
        () => null,
        (cause: unknown) => cause,
      );
      expect(error, name).not.toBeNull();
      expect(decodeFailure(error), name).toBe(reason);
    }
  });
});

describe('normalisePixels', () => {
  it('writes channels apart, scaled and normalised, and nothing else', () => {
    const small: PixelPlan = { ...plan, cropWidth: 2, cropHeight: 1 };
    const target = new Float32Array(8).fill(7);
    normalisePixels(Buffer.of(255, 51, 0, 0, 102, 255), small, target, 1);
    const expected = [7, (1 - 0.5) / 0.5, (0 - 0.5) / 0.5, (0.2 - 0.25) / 0.2, (0.4 - 0.25) / 0.2, 0, 1, 7];
    expected.forEach((value, i) => expect(target[i]).toBeCloseTo(value, 6));
  });
});

describe('the pixel plan of a model', () => {
  it('says what its preprocessor_config.json says', async () => {
    const file = join(embeddedModelFolder(), 'preprocessor_config.json');
    const config = JSON.parse(readFileSync(file, 'utf8')) as Record<string, never>;
    const { pixels } = await loadModel();
    expect(pixels).toEqual({
      resize: { shortestEdge: config['size']!['shortest_edge'] },
      cropWidth: config['crop_size']!['width'],
      cropHeight: config['crop_size']!['height'],
      kernel: 'cubic',
      rescale: config['rescale_factor'],
      mean: config['image_mean'],
      std: config['image_std'],
    });
  });
});
