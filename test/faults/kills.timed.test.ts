import { expect, it } from 'vitest';
import { killAtRandom } from './kills.js';

it('killed at random moments, the main job ends in the same bytes and leaves nothing behind', async () => {
  const { kills, resumed } = await killAtRandom(4, 5);
  expect(kills).toBe(4);
  expect(resumed).toBeGreaterThanOrEqual(1);
}, 300_000);
