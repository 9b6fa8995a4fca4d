import fc from 'fast-check';

const STEPS = 9973;

/**
 * Numbers between two others, spread evenly. `fc.double` spreads the bits of a number evenly instead: of those between 0 and 1
 * nearly all are nearly 0.
 */
export function between(min: number, max: number): fc.Arbitrary<number> {
  return fc.integer({ min: 0, max: STEPS }).map((step) => min + ((max - min) * step) / STEPS);
}
