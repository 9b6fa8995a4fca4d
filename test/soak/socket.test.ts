import { expect, it } from 'vitest';
import { soakServer } from './socket.js';

it('a server that is used over and over takes no more for it', async () => {
  const { rounds, usage, done } = await soakServer(8, 3);
  expect(rounds).toBe(8);
  expect(Object.keys(done).length).toBeGreaterThan(4);
  // Of files a few rounds make the first of each kind: that they stay as many is for the full length.
  expect(usage.handles[1]).toBeLessThanOrEqual(usage.handles[0] + 4);
  expect(usage.megabytes[1]).toBeLessThan(usage.megabytes[0] * 1.3 + 50);
}, 180_000);
