import { join } from 'node:path';
import { expect, it } from 'vitest';
import { quickModel } from '../bench/quickModel.js';
import { scratchFolder } from '../server/cli.js';
import { killAtRandom } from './kills.js';

const scratch = scratchFolder();

it('killed at random moments, the main job ends in the same bytes and leaves nothing behind', async () => {
  // With the embedded model nearly all of the time is its image tower's.
  const { kills, resumed } = await killAtRandom(3, 5, quickModel(join(scratch, 'quick-clip')));
  expect(kills).toBe(3);
  expect(resumed).toBeGreaterThanOrEqual(1);
}, 300_000);
