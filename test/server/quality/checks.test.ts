import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checks } from '../../../server/quality/checks.js';
import { classBalance } from '../../../server/quality/classBalance.js';
import { median } from '../../../server/quality/chance.js';
import type { EmbeddingFacts, PairFacts } from '../../../server/quality/finding.js';
import { IdSet } from '../../../server/quality/idSet.js';
import { scriptOf } from '../../../server/quality/script.js';

const GOOD: PairFacts = {
  ...{ width: 64, height: 64, deviation: 40, caption: 'a red sign', tokens: 5, contextLength: 77 },
  script: 'Latin',
};

/** Which checks of a pair find something in it. */
const found = (facts: Partial<PairFacts>): string[] =>
  checks.filter((check) => 'pair' in check && check.pair({ ...GOOD, ...facts })).map(({ id }) => id);

/** Which ids the check of that name yields of these contents, out of the database that the report asks. */
async function among(
  id: string,
  rows: [image: string, caption: string, script?: string][],
): Promise<number[]> {
  const check = checks.find((one) => one.id === id)!;
  if (!('contents' in check)) throw new Error(`${id} asks no database`);
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run('CREATE TABLE contents (id BIGINT, image VARCHAR, caption VARCHAR, script VARCHAR)');
  for (const [at, [image, caption, script]] of rows.entries())
    await connection.run('INSERT INTO contents VALUES ($1, $2, $3, $4)', [
      at,
      image,
      caption,
      script ?? null,
    ]);
  const answer = await connection.runAndReadAll(check.contents);
  connection.closeSync();
  return answer
    .getRows()
    .map(([id]) => Number(id))
    .sort((a, b) => a - b);
}

function ofRows(id: string, facts: Partial<EmbeddingFacts>): number[] {
  const check = checks.find((one) => one.id === id)!;
  if (!('rows' in check)) throw new Error(`${id} looks at no rows`);
  const none = { scores: new Float64Array(0), chance: 0, labels: new Int32Array(0), classSizes: [] };
  return [...check.rows({ ...none, nearDuplicates: new Int32Array(0), ...facts })];
}

describe('checks of a pair', () => {
  it('find nothing in an ordinary pair', () => {
    expect(found({})).toEqual([]);
  });

  it('hold up to their limits, and not beyond', () => {
    expect(found({ width: 31 })).toEqual(['tiny']);
    expect(found({ width: 32, height: 96 })).toEqual([]);
    expect(found({ width: 32, height: 97 })).toEqual(['odd-aspect']);
    expect(found({ width: 97, height: 32 })).toEqual(['odd-aspect']);
    expect(found({ deviation: 4 })).toEqual([]);
    expect(found({ deviation: 3.9 })).toEqual(['blank']);
    expect(found({ tokens: 77 })).toEqual([]);
    expect(found({ tokens: 78 })).toEqual(['truncated']);
    expect(found({ script: null })).toEqual(['no-letters']);
    expect(found({ caption: ' words  of\na page '.repeat(50) })).toEqual([]);
    expect(found({ caption: `${'words of a page '.repeat(50)}more` })).toEqual(['long-caption']);
    // Long, but one word.
    expect(found({ caption: 'x'.repeat(5000) })).toEqual([]);
  });

  it('tell a pair that has no caption from one whose image cannot be used', () => {
    const skipped = (reason: string): string[] =>
      checks.filter((check) => 'skipped' in check && check.skipped(reason)).map(({ id }) => id);
    expect(skipped('caption is empty')).toEqual(['empty-caption']);
    expect(skipped('image is missing')).toEqual(['unreadable']);
  });

  it('have names of their own', () => {
    expect(new Set(checks.map(({ id }) => id)).size).toBe(checks.length);
  });
});

describe('checks of the contents', () => {
  it('find later repetitions of an image, a caption and both', async () => {
    const rows: [string, string][] = [
      ['1', 'a'],
      ['1', 'b'],
      ['2', 'a'],
      ['1', 'a'],
      ['3', 'c'],
    ];
    expect(await among('duplicate-image', rows)).toEqual([1, 3]);
    expect(await among('duplicate-caption', rows)).toEqual([2, 3]);
    expect(await among('duplicate-pair', rows)).toEqual([3]);
  });

  it('find the same words under ten images, whatever their case, spaces and numbers', async () => {
    const same = Array.from({ length: 10 }, (_, i): [string, string] => [
      `${i}`,
      ` IMG  ${i * 37} of a Trip`,
    ]);
    expect(await among('boilerplate', [...same, ['x', 'img 4']])).toEqual(same.map((_, i) => i));
    expect(await among('boilerplate', [...same.slice(1), ['x', 'img 4']])).toEqual([]);
    // Ten pairs of nine images.
    expect(await among('boilerplate', [...same.slice(1), same[1]!])).toEqual([]);
  });

  it('find captions in another script than most, the first by name of equally common ones', async () => {
    const [latin, greek, none]: [string, string, string?][] = [
      ['1', 'a', 'Latin'],
      ['2', 'α', 'Greek'],
      ['3', '7'],
    ];
    expect(await among('other-script', [latin!, greek!, none!, latin!])).toEqual([1]);
    expect(await among('other-script', [latin!, greek!, none!])).toEqual([0]);
    expect(await among('other-script', [none!])).toEqual([]);
  });
});

describe('checks of embeddings', () => {
  it('find scores below chance, and none of a row that has none', () => {
    expect(ofRows('mismatched', { scores: Float64Array.of(0.2, 0.1, NaN, 0.3), chance: 0.2 })).toEqual([1]);
  });

  it('find pairs of a class with less than a tenth of the mean of those that have any', () => {
    // The mean of 1, 19, and 20 is 13⅓, a tenth of it 1⅓; the empty class does not count.
    const labels = Int32Array.of(0, 1, -1, 2, 0);
    expect(ofRows('rare-class', { labels, classSizes: [1, 19, 20, 0] })).toEqual([0, 4]);
    expect(ofRows('rare-class', { labels, classSizes: [2, 19, 19, 0] })).toEqual([]);
    expect(ofRows('rare-class', { labels: Int32Array.of(-1), classSizes: [] })).toEqual([]);
  });

  it('take near duplicates as they were found', () => {
    expect(ofRows('near-duplicate', { nearDuplicates: Int32Array.of(3, 8) })).toEqual([3, 8]);
  });
});

describe('scriptOf', () => {
  it('is the script that most letters are of, of the beginning alone', () => {
    const texts: [string, string | null][] = [
      ['a red sign', 'Latin'],
      ['ein rotes Schild, größer', 'Latin'],
      ['красный знак a', 'Cyrillic'],
      ['红色标志', 'Han'],
      ['赤い標識', 'Japanese'],
      ['サイン', 'Japanese'],
      ['빨간 표지판', 'Hangul'],
      ['ᚠᚢᚦ', 'other'],
      ['12:34 — №!', null],
      ['', null],
      // As many of each: the first by name.
      ['aα', 'Greek'],
      [`${'a'.repeat(1000)}${'α'.repeat(2000)}`, 'Latin'],
      [`${'7'.repeat(1000)}a`, null],
    ];
    for (const [text, script] of texts) expect(scriptOf(text), text.slice(0, 20)).toBe(script);
  });
});

describe('classBalance', () => {
  it('counts the classes in use and how many even ones would be as diverse', () => {
    expect(classBalance(['a', 'b', 'c'], [3, 0, 1])).toEqual({
      classes: 3,
      used: 2,
      // e^H of ¾ and ¼.
      effective: expect.closeTo(4 / 3 ** 0.75, 12),
      largest: [
        { name: 'a', count: 3, share: 0.75 },
        { name: 'c', count: 1, share: 0.25 },
      ],
    });
    expect(classBalance([], [5, 5, 5, 5]).effective).toBeCloseTo(4, 12);
    expect(classBalance([], [0, 0])).toEqual({ classes: 2, used: 0, effective: 0, largest: [] });
  });

  it('shows the ten largest', () => {
    const sizes = Array.from({ length: 30 }, (_, k) => ((k * 7) % 30) + 1);
    const { largest } = classBalance(sizes.map(String), sizes);
    expect(largest.map(({ count }) => count)).toEqual([30, 29, 28, 27, 26, 25, 24, 23, 22, 21]);
    expect(largest.map(({ name }) => name)).toEqual(largest.map(({ count }) => `${count}`));
  });
});

it('the median of an even number is between the middle two', () => {
  expect(median([5, 1, 3])).toBe(3);
  expect(median([5, 1, 3, 11])).toBe(4);
});

it('IdSet is a set of ids, ascending', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(60)), (ids) => {
      const set = new IdSet(61);
      for (const id of ids) set.add(id);
      const expected = [...new Set(ids)].sort((a, b) => a - b);
      expect([...set]).toEqual(expected);
      expect(set.count).toBe(expected.length);
      expect(Array.from({ length: 61 }, (_, id) => set.has(id))).toEqual(
        Array.from({ length: 61 }, (_, id) => expected.includes(id)),
      );
    }),
  );
});
