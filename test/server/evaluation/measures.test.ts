import { describe, expect, it } from 'vitest';
import type { Evaluated } from '../../../server/evaluation/evaluated.js';
import { evaluationReport, measures } from '../../../server/evaluation/measures.js';

const evaluated = (changes: Partial<Evaluated>): Evaluated => ({
  pairs: 5,
  covarianceError: 1,
  covarianceDirection: 1,
  classCovarianceError: 1,
  imageCentreDistance: 1,
  textCentreDistance: 1,
  classesCovered: 1,
  clipScore: 1,
  duplicateRate: 1,
  objective: 1,
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

  it('has no number where any seed has none', () => {
    const runs = [evaluated({ covarianceDirection: null }), evaluated({})];
    const [column] = evaluationReport([{ name: 'random', runs }]).columns;
    expect(column!.values['covarianceDirection']).toBeNull();
    expect(column!.values['covarianceError']).toEqual({ mean: 1, sd: 0 });
  });

  it('reads every measure off its own field and says what it means', () => {
    const fields = measures.map(({ name }) => name);
    expect(new Set(fields).size).toBe(fields.length);
    for (const measure of measures) {
      expect(measure.of(evaluated({ [measure.name]: 42 }))).toBe(42);
      expect(measure.of(evaluated({}))).toBe(1);
    }
    const report = evaluationReport([{ name: 'own', runs: [evaluated({})] }]);
    expect(Object.keys(report.columns[0]!.values)).toEqual(fields);
    for (const { label, meaning } of report.measures)
      expect(Math.min(label.length, meaning.length - 40)).toBeGreaterThan(5);
    // What is reported is plain data: it survives the file and the wire.
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });
});
