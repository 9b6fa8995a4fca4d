import { expect, it } from 'vitest';
import { fuzzFiles } from './files.js';

it('a damaged file of any kind is read, or refused with what is wrong, in a moment', async () => {
  const { files, read, refused, slowest } = await fuzzFiles(1_500, 20);
  expect(files).toBe(1_500);
  expect(read).toBeGreaterThan(200);
  expect(refused).toBeGreaterThan(200);
  expect(slowest).toBeLessThan(1_000);
}, 120_000);
