import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Throttle } from '../../../extension/panel/throttle.js';
import { byteCount } from '../../../extension/run/figures.js';
import { mergePreviews } from '../../../extension/run/previews.js';
import { parseHandshake } from '../../../extension/server/handshake.js';
import { RestartPolicy } from '../../../extension/server/restartPolicy.js';

describe('RestartPolicy', () => {
  it('stops at the fifth crash in three minutes, and forgets older ones', () => {
    let now = 0;
    const policy = new RestartPolicy(() => now);
    for (let crash = 1; crash <= 4; crash++) expect(policy.crashed()).toBe(true);
    expect(policy.crashed()).toBe(false);
    now = 4 * 60_000;
    expect(policy.crashed()).toBe(true);
    for (let crash = 0; crash < 3; crash++) policy.crashed();
    policy.reset();
    expect(policy.crashed()).toBe(true);
  });
});

describe('parseHandshake', () => {
  const good = { port: 4000, token: 'ab'.repeat(32), protocol: 1 };

  it('takes the one line that a server writes', () => {
    expect(parseHandshake(JSON.stringify(good))).toEqual(good);
  });

  it.each([
    ['', 'nothing'],
    ['listening', 'text'],
    ['null', 'null'],
    [JSON.stringify({ ...good, port: 0 }), 'no port'],
    [JSON.stringify({ ...good, port: 70_000 }), 'a port that cannot be'],
    [JSON.stringify({ ...good, token: 'short' }), 'a short token'],
    [JSON.stringify({ ...good, protocol: '1' }), 'a protocol that is text'],
  ])('refuses %s (%s)', (line) => {
    expect(parseHandshake(line)).toBeNull();
  });
});

describe('mergePreviews', () => {
  const preview = (id: number, clipScore = 0): Parameters<typeof mergePreviews>[0][number] => ({
    id,
    caption: '',
    latentClass: null,
    clipScore,
    gain: null,
    thumbnail: null,
  });

  it('keeps a screenful, the newest first, each pair once', () => {
    const shown = Array.from({ length: 24 }, (_, id) => preview(id));
    const merged = mergePreviews(shown, [preview(30), preview(3, 0.5)]);
    expect(merged.length).toBe(24);
    expect(merged.slice(0, 3).map(({ id }) => id)).toEqual([30, 3, 0]);
    expect(merged.filter(({ id }) => id === 3)).toEqual([preview(3, 0.5)]);
  });
});

describe('byteCount', () => {
  it.each([
    [0, '0 B'],
    [812, '812 B'],
    [2_310, '2.31 kB'],
    [19_900_000, '19.9 MB'],
    [604_000_000, '604 MB'],
    [12_345_000_000_000, '12,345 GB'],
  ])('%i is %s', (bytes, text) => expect(byteCount(bytes)).toBe(text));
});

describe('Throttle', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('acts at once, then at most once an interval, and never loses the last call', () => {
    let acted = 0;
    const throttle = new Throttle(() => acted++, 200);
    for (let i = 0; i < 5; i++) throttle.request();
    expect(acted).toBe(1);
    vi.advanceTimersByTime(200);
    expect(acted).toBe(2);
    vi.advanceTimersByTime(1000);
    expect(acted).toBe(2);
    throttle.request();
    throttle.request();
    throttle.dispose();
    vi.advanceTimersByTime(1000);
    expect(acted).toBe(3);
  });
});
