/** Which icons are drawn, and how often: classes of very unequal size, as on the web. */
import type { Icon } from './icons.js';
import { type Random, shuffled } from './random.js';

export interface Choice {
  icon: Icon;
  /** How many times the icon was chosen before: 0 is the icon as it is, later ones are drawn in another way. */
  copy: number;
}

/** An icon whose name is none of the model's classes is a class of its own. */
export function className(icon: { latentClass: string | null; name: string }): string {
  return icon.latentClass ?? icon.name;
}

/**
 * `count` choices in random order. The classes with the most icons come first in rank, so that a large class is
 * made of as many different icons as there are, each drawn in several ways.
 */
export function chooseIcons(
  icons: readonly Icon[],
  count: number,
  exponent: number,
  random: Random,
): Choice[] {
  const classes = new Map<string, Icon[]>();
  for (const icon of shuffled(random, icons)) {
    const members = classes.get(className(icon));
    if (members === undefined) classes.set(className(icon), [icon]);
    else members.push(icon);
  }
  // The sort is stable: among classes of equal size the shuffle decides, the model's own classes first.
  const ranked = [...classes.values()].sort((a, b) => b.length - a.length || known(b) - known(a));
  const sizes = shares(
    ranked.map((_, index) => (index + 1) ** -exponent),
    count,
  );
  const choices = ranked.flatMap((members, rank) =>
    Array.from({ length: sizes[rank] ?? 0 }, (_, index): Choice => {
      const icon = members[index % members.length] as Icon;
      return { icon, copy: Math.floor(index / members.length) };
    }),
  );
  return shuffled(random, choices);
}

function known(members: readonly Icon[]): number {
  return typeof members[0]?.latentClass === 'string' ? 1 : 0;
}

/** Whole numbers in proportion to the weights that add up to `total`: each running sum is rounded, not each share. */
function shares(weights: readonly number[], total: number): number[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  let running = 0;
  let given = 0;
  return weights.map((weight, index) => {
    running += weight;
    const upTo = index === weights.length - 1 ? total : Math.round((total * running) / sum);
    const share = upTo - given;
    given = upTo;
    return share;
  });
}
