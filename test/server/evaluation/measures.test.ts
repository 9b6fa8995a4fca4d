import { describe, expect, it } from 'vitest';
import type { Evaluated } from '../../../server/evaluation/evaluated.js';
import type { LinearRecall } from '../../../server/evaluation/linearRetrieval.js';
import { evaluationReport, measures } from '../../../server/evaluation/measures.js';

const evaluated = (changes: Partial<Evaluated>): Evaluated => ({
  pairs: 5,
  covarianceError: 1,
  spectralError: 1,
  covarianceDirection: 1,
  imageSubspace: 1,
  textSubspace: 1,
  classCovarianceError: 1,
  imageCentreDistance: 1,
  textCentreDistance: 1,
  classesCovered: 1,
  shareVariation: 1,
  clipScore: 1,
  duplicateRate: 1,
  objective: { value: 1, terms: { cross: 1, self: 0, label: 0, inter: 0, redundancy: 0, balance: 0 } },
  linear: null,
  labelled: {},
  shape: { range: [0, 1], scores: [1], classes: [1] },
  ...changes,
});

describe('evaluationReport', () => {
  it('gives mean and sample standard deviation over seeds, and 0 for one', () => {
    const { columns } = evaluationReport([
      { name: 'own', runs: [evaluated({ clipScore: 0.25, pairs: 7 })] },
      { name: 'random', runs: [2, 4, 4, 4, 5, 5, 7, 9].map((clipScore) => evaluated({ clipScore })) },
    ]);
    expect(columns.map(({ name, pairs, seeds }) => [name, pairs, seeds])).toEqual([
      ['own', 7, 1],
      ['random', 5, 8],
    ]);
    expect(columns[0]!.values['clipScore']).toEqual({ mean: 0.25, sd: 0 });
    // Squares of the distances to 5 add up to 32, over n − 1 = 7.
    expect(columns[1]!.values['clipScore']!.mean).toBe(5);
    expect(columns[1]!.values['clipScore']!.sd).toBeCloseTo(Math.sqrt(32 / 7), 12);
  });

  it('names the metrics of each labelled set, and averages those of several over the sets that have them', () => {
    const labelled = {
      icons: { cosine: { acc1: 0.2, acc5: 0.5 }, plain: { acc1: 0.1, acc5: 0.4 } },
      photos: { cosine: { acc1: 0.6, recall: 0.9 }, plain: { acc1: 0.3, recall: 0.7 } },
    };
    const values = ({ measures: named, columns }: ReturnType<typeof evaluationReport>): object =>
      Object.fromEntries(
        named
          .filter(({ name }) => name.startsWith('on-'))
          .map(({ name }) => [name, columns[0]!.values[name]?.mean]),
      );
    const both = evaluationReport([{ name: 'own', runs: [evaluated({ labelled })] }]);
    expect(values(both)).toEqual({
      'on-icons-cosine-acc1': 0.2,
      'on-icons-cosine-acc5': 0.5,
      'on-icons-plain-acc1': 0.1,
      'on-icons-plain-acc5': 0.4,
      'on-photos-cosine-acc1': 0.6,
      'on-photos-cosine-recall': 0.9,
      'on-photos-plain-acc1': 0.3,
      'on-photos-plain-recall': 0.7,
      'on-average-cosine-acc1': 0.4,
      'on-average-cosine-acc5': 0.5,
      'on-average-cosine-recall': 0.9,
      'on-average-plain-acc1': 0.2,
      'on-average-plain-acc5': 0.4,
      'on-average-plain-recall': 0.7,
    });
    const named = both.measures.find(({ name }) => name === 'on-photos-cosine-acc1')!;
    expect(named).toMatchObject({ label: 'Linear CLIP (cosine) on photos, acc1', better: 'higher' });
    expect(named.meaning).toMatch(/CLIP_benchmark .*no forecast of a trained model/);
    const { icons } = labelled;
    const one = evaluationReport([
      { name: 'own', runs: [evaluated({ labelled: { icons } })] },
      { name: 'without', runs: [evaluated({})] },
    ]);
    expect(Object.keys(values(one))).toHaveLength(4);
    expect(one.columns[1]!.values['on-icons-cosine-acc1']).toBeNull();
  });

  it('has no number where any seed has none', () => {
    const runs = [evaluated({ covarianceDirection: null }), evaluated({})];
    const [column] = evaluationReport([{ name: 'random', runs }]).columns;
    expect(column!.values['covarianceDirection']).toBeNull();
    expect(column!.values['covarianceError']).toEqual({ mean: 1, sd: 0 });
  });

  it('reads every measure off its own field and says what it means', () => {
    const fields = measures.map(({ name }) => name);
    expect(new Set(fields).size).toBe(fields.length);
    const recall = (first: number): LinearRecall => ({
      text: { 1: first, 5: first + 1, 10: first + 2 },
      image: { 1: first + 3, 5: first + 4, 10: first + 5 },
    });
    const linear = { cosine: recall(10), plain: recall(20) };
    const terms = { cross: 1, self: 0, label: 0, inter: 0, redundancy: 0, balance: 0 };
    for (const { name, of } of measures.filter(({ name }) => !name.startsWith('linear'))) {
      const value = name === 'objective' ? { value: 42, terms } : 42;
      expect(of(evaluated({ [name]: value }))).toBe(42);
      expect(of(evaluated({}))).toBe(1);
    }
    const found = measures.filter(({ name }) => name.startsWith('linear'));
    expect(found.map(({ of }) => of(evaluated({ linear })))).toEqual([
      10, 11, 12, 13, 14, 15, 20, 21, 22, 23, 24, 25,
    ]);
    expect(found.map(({ of }) => of(evaluated({})))).toEqual(found.map(() => null));
    const report = evaluationReport([{ name: 'own', runs: [evaluated({})] }]);
    expect(Object.keys(report.columns[0]!.values)).toEqual(fields);
    for (const { label, meaning } of report.measures)
      expect(Math.min(label.length, meaning.length - 40)).toBeGreaterThan(5);
    // What is reported is plain data: it survives the file and the wire.
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });
});
