import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Heap } from '../../../server/selection/heap.js';

// Few different keys, so that ties abound.
const keys = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 30 });

/** What a heap is, without one: the position of the largest key left, ties by `order`. */
function largest(left: Map<number, number>, order: (a: number, b: number) => number): number {
  return [...left].sort(([a, x], [b, y]) => y - x || order(a, b))[0]![0];
}

it('has the largest key on top after any changes of the top, ties to the lowest position', () => {
  const steps = fc.array(fc.option(fc.integer({ min: -4, max: 4 })), { maxLength: 60 });
  fc.assert(
    fc.property(keys, steps, (keys, steps) => {
      const heap = new Heap(Float64Array.from(keys));
      const left = new Map(keys.entries());
      for (const key of steps) {
        if (left.size === 0) break;
        const top = largest(left, (a, b) => a - b);
        expect(heap.top()).toBe(top);
        if (key === null) {
          heap.pop();
          left.delete(top);
        } else {
          heap.changeTop(key);
          left.set(top, key);
        }
      }
    }),
    { numRuns: 300 },
  );
});

it('breaks ties as it is told', () => {
  fc.assert(
    fc.property(keys, (keys) => {
      const heap = new Heap(Float64Array.from(keys), (a, b) => a > b);
      const left = new Map(keys.entries());
      while (left.size > 0) {
        const top = largest(left, (a, b) => b - a);
        expect(heap.top()).toBe(top);
        heap.pop();
        left.delete(top);
      }
    }),
  );
});
