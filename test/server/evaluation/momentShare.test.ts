import { expect, it } from 'vitest';
import { KernelMemory } from '../../../server/kernels/kernels.js';
import { momentArea } from '../../../server/evaluation/momentArea.js';
import { MomentShare } from '../../../server/evaluation/momentShare.js';
import { SumMatrices } from '../../../server/evaluation/sumMatrices.js';
import { numbers } from '../selection/samples.js';

it('sets that are held back until the end and sets that are not come to the same bits', () => {
  // Matrices of 8 MiB: eight are held.
  const [dim, sets] = [1024, 10];
  const area = momentArea(dim, sets, 1000);
  const bytes = SumMatrices.bytesNeeded(dim) + MomentShare.bytesNeeded(area);
  const memory = new KernelMemory(bytes);
  const matrices = new SumMatrices(memory, dim);
  const share = new MomentShare(area, Array(sets).fill(false), memory);
  const next = numbers(3);
  for (let piece = 0; piece < 2; piece++) {
    matrices.clear();
    for (let i = 0; i < matrices.outer.length; i++) matrices.outer[i] = next();
    matrices.addOuter();
    const vectors = Float64Array.from({ length: 2 * dim }, () => area.whole + next() - area.whole);
    for (const set of [0, sets - 1]) {
      share.addMatrix(set, matrices);
      const own = share.vectors(set);
      vectors.forEach((value, i) => (own[i]! += value));
    }
  }
  const isEmpty = (set: number): boolean => area.sets[set]!.every((value) => value === 0);
  expect([isEmpty(0), isEmpty(sets - 1)]).toEqual([true, false]);
  share.end();
  const isSame = (): boolean => area.sets[0]!.every((value, i) => value === area.sets[sets - 1]![i]);
  expect(isSame()).toBe(true);
  expect(isEmpty(0)).toBe(false);
  expect(isEmpty(1)).toBe(true);
  // What was handed over is not handed over again.
  share.end();
  expect(isSame()).toBe(true);
});
