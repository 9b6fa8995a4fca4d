import { expect, it } from 'vitest';
import { fuzzProtocol } from './protocol.js';

it('a server that is told nonsense neither dies nor leaves anybody waiting', async () => {
  const { messages, closed, slowest, memory } = await fuzzProtocol(6_000, 20);
  expect(messages).toBe(6_000);
  // Nonsense that is no message ends its connection; most is answered with an error.
  expect(closed).toBeGreaterThan(100);
  expect(slowest).toBeLessThan(1_000);
  expect(memory[1]).toBeLessThan(memory[0] * 1.5 + 50);
}, 120_000);
