import { describe, expect, it } from 'vitest';
import { budgetOf } from '../../server/selection/budget.js';
import { bestColumns } from '../../webview/subset/best.js';
import { budgetPicks, initialValues, parseForm } from '../../webview/setup/formModel.js';
import { visibleText } from '../../webview/text/visible.js';

const values = initialValues({ budget: '10%', device: 'auto' });

describe('the form', () => {
  it('counts the pairs of a budget as the server does', () => {
    for (const budget of ['10%', '0.57%', '33.3%', '100 %', '7', '120'])
      expect(budgetPicks(budget, 10_000)).toBe(budgetOf(budget, 10_000));
    for (const budget of ['', 'ten', '250%', '-5', '1.5']) expect(budgetPicks(budget, 10_000)).toBeNull();
  });

  it('starts with what the paper has, and runs as it stands', () => {
    expect(parseForm(values, 100)).toEqual({
      options: {
        budget: '10%',
        method: 'clipcov',
        classes: 'auto',
        kmeans: undefined,
        nearDuplicates: undefined,
        seed: 0,
        weights: { cross: 1, self: 2, label: 0.5, inter: 1, redundancy: 1, balance: 0 },
        device: 'auto',
      },
    });
  });

  it.each([
    [{ budget: '0%' }, 'budget'],
    [{ budget: '101' }, 'budget'],
    [{ nearDuplicates: true, epsilon: '0' }, 'epsilon'],
    [{ method: 'steps' as const, steps: ' ' }, 'steps'],
    [{ classes: 'k-means' as const, kmeans: '0' }, 'kmeans'],
    [{ seed: '1.5' }, 'seed'],
    [{ seed: '' }, 'seed'],
    [{ weights: { ...values.weights, redundancy: '-1' } }, 'redundancy'],
    [{ weights: { ...values.weights, self: 'x' } }, 'self'],
  ])('says what is wrong with %j', (change, field) => {
    const parsed = parseForm({ ...values, ...change }, 100);
    expect('errors' in parsed && Object.keys(parsed.errors)).toEqual([field]);
  });
});

describe('visibleText', () => {
  it('shows what could hide something, and leaves scripts and emoji alone', () => {
    expect(visibleText('a\u0007b\u001b[31m')).toBe('a\u2407b\u241b[31m');
    expect(visibleText('\u202eevil')).toBe('\ufffdevil');
    expect(visibleText('مرحبا 👩‍👩‍👧 <b>')).toBe('مرحبا 👩‍👩‍👧 <b>');
    expect(visibleText('x'.repeat(10_000)).length).toBe(4001);
  });
});

describe('bestColumns', () => {
  const column = (name: string, pairs: number, mean: number): Parameters<typeof bestColumns>[1][number] => ({
    name,
    pairs,
    seeds: 1,
    values: { m: { mean, sd: 0 } },
  });
  const columns = [column('clipcov', 10, 2), column('random', 10, 1), column('all pairs', 100, 9)];

  it('lets the full data not compete', () => {
    expect([...bestColumns({ name: 'm', better: 'higher' }, columns)].map(({ name }) => name)).toEqual([
      'clipcov',
    ]);
    expect([...bestColumns({ name: 'm', better: 'lower' }, columns)].map(({ name }) => name)).toEqual([
      'random',
    ]);
  });

  it('crowns nothing where neither is better', () => {
    expect(bestColumns({ name: 'm', better: 'neither' }, columns).size).toBe(0);
  });
});
