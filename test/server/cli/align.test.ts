import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli, scratchFolder } from '../cli.js';
import { makeStore } from '../embeddings/npyFiles.js';
import { numbers } from '../selection/samples.js';

const folder = scratchFolder();
const next = numbers(21);
const vector = (length: number): number[] => Array.from({ length }, next);
const map = Array.from({ length: 12 }, () => vector(8));
const images = Array.from({ length: 400 }, () => vector(12));
const texts = images.map((image) =>
  Array.from({ length: 8 }, (_, j) => image.reduce((sum, x, i) => sum + x * map[i]![j]!, 0) + 0.05 * next()),
);
// Captions of other images, and two rows that hold nothing.
const mismatched = [7, 100, 250, 399];
const moved = mismatched.map((row) => texts[row]!);
mismatched.forEach((row, i) => (texts[row] = moved[(i + 1) % 4]!));
images[20] = images[20]!.map(() => 0);
texts[300] = texts[300]!.map(() => NaN);
const store = makeStore(
  join(folder, 'unimodal'),
  [
    { number: '0', images: images.slice(0, 150), texts: texts.slice(0, 150) },
    { number: '1', images: images.slice(150), texts: texts.slice(150) },
  ],
  'f4',
);

describe('clipcov align', () => {
  it('makes a store of one width that methods choose from, mismatches among the last', async () => {
    const out = join(folder, 'aligned');
    const refused = await runCli('select', store, '--budget', '10', '--device', 'cpu');
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(/12 and texts of 8 numbers/)]);
    const ran = await runCli('align', store, '--out', out, '--rank', '6', '--device', 'cpu', '--json');
    expect(ran.code, ran.stderr).toBe(0);
    const { correlations } = JSON.parse(ran.stdout) as { correlations: number[] };
    expect(correlations).toHaveLength(6);
    expect(correlations[0]).toBeGreaterThan(0.95);
    const selected = await runCli(
      ...[
        'select',
        out,
        '--method',
        'clip-score',
        '--budget',
        '398',
        '--kmeans',
        '2',
        '--device',
        'cpu',
        '--json',
      ],
    );
    expect(selected.code, selected.stderr).toBe(0);
    const { picks, skipped } = JSON.parse(selected.stdout) as { picks: number[]; skipped: { total: number } };
    expect(skipped.total).toBe(2);
    expect(picks).toHaveLength(398);
    // A caption of another image may be like its own by chance, but not as most pairs' are.
    expect(picks.slice(-20)).toEqual(expect.arrayContaining(mismatched));
  });

  it('refuses to take the place of its source, and a wrong rank', async () => {
    const same = await runCli('align', store, '--out', store, '--device', 'cpu');
    expect([same.code, same.stderr]).toEqual([1, expect.stringMatching(/cannot take the place/)]);
    const rank = await runCli('align', store, '--out', join(folder, 'x'), '--rank', 'many');
    expect([rank.code, rank.stderr]).toEqual([2, expect.stringMatching(/rank/)]);
  });
});
