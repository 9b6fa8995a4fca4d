import type { ClassSums } from '../selection/crossCovariance.js';

/** Mean over the covered classes of ‖μ_k(S) − μ_k(V)‖, from the class sums of picks and of all pairs. */
export function centreDistances(picked: ClassSums, all: ClassSums): { images: number; texts: number } {
  const { dim, classes } = all;
  const mean = (side: 'images' | 'texts'): number => {
    let distance = 0;
    let covered = 0;
    for (let k = 0; k < classes; k++) {
      if (picked.counts[k] === 0) continue;
      let square = 0;
      for (let p = k * dim; p < (k + 1) * dim; p++)
        square += (picked[side][p]! / picked.counts[k]! - all[side][p]! / all.counts[k]!) ** 2;
      distance += Math.sqrt(square);
      covered++;
    }
    return covered ? distance / covered : 0;
  };
  return { images: mean('images'), texts: mean('texts') };
}
