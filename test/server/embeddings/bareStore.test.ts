import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli, scratchFolder } from '../cli.js';
import { dot, samplePairs, unit } from '../selection/samples.js';
import { makeStore, type NpyType } from './npyFiles.js';

const folder = scratchFolder();

interface Printed {
  picks: number[];
  ids: number[];
  gains: number[];
  pairs: number;
  skipped: {
    total: number;
    reasons: { reason: string; count: number; examples: { id: number; where: string }[] }[];
  };
}

/** A bare store of 20 rows in three parts, some of whose rows have no direction. */
function bare(name: string, type: NpyType): { path: string; images: number[][]; texts: number[][] } {
  const { images, texts } = samplePairs(11, 20, 6);
  images[0] = images[0]!.map(() => 0);
  images[7] = [...images[7]!.slice(0, 5), NaN];
  texts[7] = texts[7]!.map(() => 0);
  texts[8] = texts[8]!.map(() => -0);
  texts[19] = [Infinity, ...texts[19]!.slice(1)];
  const cut = (from: number, to: number, number: string): Parameters<typeof makeStore>[1][number] => ({
    number,
    images: images.slice(from, to),
    texts: texts.slice(from, to),
  });
  const path = join(folder, name);
  makeStore(path, [cut(0, 8, '0'), cut(8, 9, '1'), cut(9, 20, '4')], type);
  return { path, images, texts };
}

const select = async (path: string, ...options: string[]): Promise<Printed> => {
  const ran = await runCli('select', path, '--device', 'cpu', '--json', '--kmeans', '2', ...options);
  expect(ran.stderr).not.toMatch(/\bat .*\.(js|ts):\d+/);
  expect(ran.code, ran.stderr).toBe(0);
  return JSON.parse(ran.stdout) as Printed;
};

describe('clipcov select on a bare store', () => {
  for (const type of ['f2', 'f4', 'f8'] as const)
    it(`of ${type} leaves rows without a direction out, lists them, and shifts nothing`, async () => {
      const { path, images, texts } = bare(type, type);
      const printed = await select(path, '--budget', '100%', '--method', 'clip-score');
      expect(printed.pairs).toBe(20);
      expect(printed.skipped.total).toBe(4);
      const listed = printed.skipped.reasons.flatMap(({ reason, examples }) =>
        examples.map(({ id, where }) => `${id}: ${reason} (${where})`),
      );
      expect(listed.sort()).toEqual([
        '0: image embedding is all zero, NaN or infinite (row 0 of the store)',
        '19: text embedding is all zero, NaN or infinite (row 19 of the store)',
        '7: image embedding is all zero, NaN or infinite (row 7 of the store)',
        '8: text embedding is all zero, NaN or infinite (row 8 of the store)',
      ]);
      const good = images.map((_, i) => i).filter((i) => ![0, 7, 8, 19].includes(i));
      const score = images.map((image, i) => dot(unit(image), unit(texts[i]!)));
      expect(printed.picks).toEqual(good.sort((a, b) => score[b]! - score[a]!));
      expect(printed.ids).toEqual(printed.picks);
      // float16 rows carry three digits.
      printed.picks.forEach((row, i) =>
        expect(printed.gains[i]).toBeCloseTo(score[row]!, type === 'f2' ? 2 : 6),
      );
    });

  it('counts a share of the valid rows, not of all', async () => {
    const { path } = bare('share', 'f4');
    expect((await select(path, '--budget', '50%')).picks).toHaveLength(8);
    const { code, stderr } = await runCli(
      'select',
      path,
      '--device',
      'cpu',
      '--kmeans',
      '2',
      '--budget',
      '17',
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/more than the 16 valid pairs/);
  });
});
