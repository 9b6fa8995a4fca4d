import type { ClassBalance } from '../protocol/quality.js';

const SHOWN = 10;

/** Shares of the latent classes and how even they are. */
export function classBalance(names: readonly string[], sizes: ArrayLike<number>): ClassBalance {
  const counts = Array.from(sizes);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const used = counts.filter((count) => count > 0);
  const entropy = -used.reduce((sum, count) => sum + (count / total) * Math.log(count / total), 0);
  const largest = counts
    .map((count, k) => ({ name: names[k] ?? '', count, share: total ? count / total : 0 }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count)
    .slice(0, SHOWN);
  return { classes: counts.length, used: used.length, effective: total ? Math.exp(entropy) : 0, largest };
}
