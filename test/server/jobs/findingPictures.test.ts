import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { imageRoots } from '../../../server/dataset/roots.js';
import { withPictures } from '../../../server/jobs/findingPairs.js';
import { scratchFolder, write } from '../cli.js';

const folder = scratchFolder();

it('pairs of a finding come with their pictures where these can be seen and may be read', async () => {
  const red = await sharp({ create: { width: 300, height: 150, channels: 3, background: '#c00' } })
    .png()
    .toBuffer();
  await write(join(folder, 'data/a.png'), red);
  await write(join(folder, 'outside.png'), red);
  await write(join(folder, 'data/damaged.png'), red.subarray(0, 40));
  const images = ['a.png', null, '../outside.png', 'damaged.png', 'missing.png', 'a.png'];
  const pairs = images.map((image, id) => ({ id, image, caption: `${id}`, reason: null, repeats: null }));
  const shown = await withPictures(pairs, 5, await imageRoots(join(folder, 'data'), []), async () => {});
  const { picture, ...first } = shown[0]!;
  expect(first).toEqual(pairs[0]);
  const [, base64] = /^data:image\/webp;base64,(.+)$/.exec(picture!)!;
  const { width, height } = await sharp(Buffer.from(base64!, 'base64')).metadata();
  expect([width, height]).toEqual([64, 32]);
  // So many were asked for.
  expect(shown.slice(1)).toEqual(pairs.slice(1));
});
