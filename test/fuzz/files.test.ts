import { expect, it } from 'vitest';
import { fuzzFiles } from './files.js';

it('a damaged file of any kind is read, or refused with what is wrong, in a moment', async () => {
  const { files, read, refused, slowest } = await fuzzFiles(600, 20);
  expect(files).toBe(600);
  expect(read).toBeGreaterThan(80);
  expect(refused).toBeGreaterThan(80);
  expect(slowest).toBeLessThan(1_000);
}, 120_000);
