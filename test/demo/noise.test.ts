import { expect, test } from 'vitest';
import { groundTruthOf, renderGroundTruth } from '../bench/groundTruth.js';
import { NOISE, planRows } from './noise.js';
import { randomFor } from './random.js';
import { countKinds, type Kind, type TruthRow } from './truth.js';

const PAIRS = 4000;
const plan = planRows(PAIRS, randomFor(7, 'noise'));
const counts = countKinds(plan);

test('the rates of the table hold, as shares of the readable pairs', () => {
  for (const [kind, rate] of Object.entries(NOISE)) {
    expect(counts[kind as Kind], kind).toBe(Math.round(PAIRS * rate));
  }
});

test('the kinds are disjoint: clean pairs are what the others leave, unreadable rows come on top', () => {
  expect(counts.clean).toBe(PAIRS * 0.45);
  expect(plan).toHaveLength(PAIRS + counts.truncated + counts['zero-byte']);
});

test('a seed gives one plan, another seed another', () => {
  expect(planRows(PAIRS, randomFor(7, 'noise'))).toEqual(plan);
  expect(planRows(PAIRS, randomFor(8, 'noise'))).not.toEqual(plan);
});

test('duplicates, and only they, copy an earlier clean row', () => {
  plan.forEach(({ kind, of }, row) => {
    expect(of !== null, kind).toBe(kind.endsWith('-duplicate'));
    if (of === null) return;
    expect(of).toBeLessThan(row);
    expect(plan[of]?.kind).toBe('clean');
  });
});

test('faults are spread over the whole table', () => {
  const firstHalf = countKinds(plan.slice(0, plan.length / 2));
  expect(firstHalf.mismatched / counts.mismatched).toBeGreaterThan(0.4);
  expect(firstHalf['near-duplicate']).toBeGreaterThan(0);
  expect(firstHalf['exact-duplicate']).toBeLessThan(counts['exact-duplicate']);
});

test('even a small data set has a file of each unreadable sort', () => {
  const small = countKinds(planRows(40, randomFor(1, 'noise')));
  expect([small.truncated, small['zero-byte']]).toEqual([1, 1]);
});

test('a repeat is a pick beyond the first of its family, near or exact', () => {
  const row = (id: number, kind: Kind, of: number | null = null): TruthRow => {
    return { row: id, kind, of, icon: 'set:star', name: 'star', latentClass: id < 2 ? 'star' : null };
  };
  const truth = [
    row(0, 'clean'),
    row(1, 'mismatched'),
    row(2, 'exact-duplicate', 0),
    row(3, 'near-duplicate', 0),
    row(4, 'near-duplicate', 0),
    row(5, 'zero-byte'),
  ];
  const repeats = (...picks: number[]): [number, number] => {
    const { exactRepeats, nearRepeats } = groundTruthOf('s', picks, truth);
    return [exactRepeats, nearRepeats];
  };
  expect(repeats(2)).toEqual([0, 0]);
  expect(repeats(2, 0)).toEqual([1, 0]);
  expect(repeats(3, 4)).toEqual([0, 1]);
  expect(repeats(4, 2, 3, 0, 1)).toEqual([1, 2]);
  const whole = groundTruthOf('all', [0, 1, 2, 3, 4, 5], truth);
  expect(whole).toMatchObject({
    picks: 6,
    mismatched: 1,
    unreadable: 1,
    classes: { covered: 1, present: 1 },
  });
  expect(renderGroundTruth([whole]).split('\n')[1]).toMatch(/^all +6 +16\.7 % +0\.0 % +16\.7 %/);
  expect(() => groundTruthOf('s', [6], truth)).toThrow('no row 6');
});
