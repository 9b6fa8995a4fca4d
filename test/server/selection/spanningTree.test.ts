import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eldestCosines, tileTree, type Edge } from '../../../server/selection/spanningTree.js';
import { numbers } from './samples.js';

/** Every edge of a tile, between rows from `first` on and columns from `other` on. */
function edgesOf(tile: Float32Array, rows: number, first: number, other: number): Edge[] {
  const columns = tile.length / rows;
  return Array.from(tile, (cosine, at) => ({
    a: first + Math.floor(at / columns),
    b: other + (at % columns),
    cosine,
  })).filter(({ a, b }) => a !== b);
}

const weight = (edges: Edge[]): number => edges.reduce((sum, { cosine }) => sum + cosine, 0);

describe('tileTree', () => {
  it('has what the maximum spanning tree of all edges of a tile has, wherever the tile lies', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 7 }),
        fc.boolean(),
        (seed, rows, wide, own) => {
          const columns = own ? rows : wide;
          const next = numbers(seed);
          const tile = Float32Array.from({ length: rows * columns }, next);
          if (own)
            for (let i = 0; i < rows; i++)
              for (let j = 0; j <= i; j++) tile[j * rows + i] = i === j ? 1 : tile[i * rows + j]!;
          const first = own ? 0 : columns;
          const expected = eldestCosines(edgesOf(tile, rows, first, 0), first + rows);
          const found = eldestCosines(tileTree(tile, rows, first, 0), first + rows);
          expect(found.cosines).toEqual(expected.cosines);
          expect(found.tree).toHaveLength((own ? rows : rows + columns) - 1);
          expect(weight(found.tree)).toBeCloseTo(weight(expected.tree), 9);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('eldestCosines', () => {
  it('keeps of a circle all edges but the least, and joins each position to a lower one', () => {
    const circle = [
      { a: 2, b: 3, cosine: 0.9 },
      { a: 0, b: 1, cosine: 0.8 },
      { a: 3, b: 1, cosine: 0.7 },
      { a: 0, b: 2, cosine: 0.6 },
    ];
    const { tree, cosines } = eldestCosines(circle, 5);
    expect(tree.map(({ cosine }) => cosine)).toEqual([0.9, 0.8, 0.7]);
    expect([...cosines]).toEqual([-1, 0.8, 0.7, 0.9, -1].map(Math.fround));
  });
});
