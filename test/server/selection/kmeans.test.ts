import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sphericalKmeans } from '../../../server/selection/kmeans.js';
import { sumClasses, type ClassSums } from '../../../server/selection/crossCovariance.js';
import { tableOf } from './plainGreedy.js';
import { dot, nothing, numbers, samplePairs, unit } from './samples.js';

/** Sums by the argmax of the inner products in float64, ties to the lowest. */
const plainSums =
  (images: number[][]) =>
  async (centroids: Float64Array, rows: Int32Array): Promise<ClassSums> => {
    const classes = rowsOf(centroids, images[0]!.length);
    const labels = Int32Array.from(images, (row) => nearest(row, classes));
    return sumClasses(tableOf(images, images), labels, classes.length, rows, nothing);
  };

function rowsOf(values: Float64Array, dim: number): number[][] {
  return Array.from({ length: values.length / dim }, (_, i) => [...values.subarray(i * dim, (i + 1) * dim)]);
}

function nearest(row: number[], classes: number[][]): number {
  const scores = classes.map((centre) => dot(row, centre));
  return scores.indexOf(Math.max(...scores));
}

async function cluster(
  images: number[][],
  classes: number,
  seed: number,
  rows = images.map((_, i) => i),
  iterations = 100,
): Promise<number[][]> {
  const dim = images[0]!.length;
  const options = { classes, seed, iterations, nearestSums: plainSums(images), checkpoint: nothing };
  return rowsOf(await sphericalKmeans(tableOf(images, images), Int32Array.from(rows), options), dim);
}

/** `each` rows around each of the axes, of any length. */
function planted(clusters: number, each: number, seed: number): number[][] {
  const next = numbers(seed);
  return Array.from({ length: clusters * each }, (_, i) => {
    const length = 1 + Math.abs(next());
    return Array.from({ length: 6 }, (__, j) =>
      Math.fround(length * ((j === i % clusters ? 1 : 0) + 0.05 * next())),
    );
  });
}

describe('sphericalKmeans', () => {
  it('finds planted clusters: rows share a class exactly where they share a cluster', async () => {
    let recovered = 0;
    for (let seed = 0; seed < 10; seed++) {
      const images = planted(3, 12, seed);
      const centroids = await cluster(images, 3, seed);
      const labels = images.map((row) => nearest(unit(row), centroids));
      if (labels.every((label, i) => labels.every((other, j) => (label === other) === (i % 3 === j % 3))))
        recovered++;
    }
    // A start with two rows of one cluster may end in a local optimum; most starts do not.
    expect(recovered).toBeGreaterThanOrEqual(5);
    const two = planted(2, 20, 1);
    const [one, other] = await cluster(two, 2, 3);
    expect(dot(one!, other!)).toBeLessThan(0.2);
  });

  it('ends where each centroid is the normalised mean of the rows nearest to it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 5, max: 40 }),
        async (seed, classes, rows) => {
          const { images } = samplePairs(seed, rows, 3);
          const centroids = await cluster(images, classes, seed);
          const units = images.map(unit);
          const labels = units.map((row) => nearest(row, centroids));
          centroids.forEach((centre, k) => {
            expect(Math.hypot(...centre)).toBeCloseTo(1, 5);
            const own = units.filter((_, i) => labels[i] === k);
            if (own.length === 0) return;
            const sum = own.reduce((total, row) => total.map((value, j) => value + row[j]!));
            unit(sum).forEach((value, j) => expect(centre[j]).toBeCloseTo(value, 5));
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('depends on data and seed alone, and on no row that was not given', async () => {
    const { images } = samplePairs(5, 30, 4);
    const rows = images.flatMap((_, i) => (i % 3 ? [i] : []));
    const first = await cluster(images, 4, 9, rows);
    expect(await cluster(images, 4, 9, rows)).toEqual(first);
    expect(await cluster(images, 4, 10, rows)).not.toEqual(first);
    const others = images.map((row, i) => (i % 3 ? row : row.map((x) => -x)));
    expect(await cluster(others, 4, 9, rows)).toEqual(first);
  });

  it('keeps the centroid of a class that holds nothing', async () => {
    const same = Array.from({ length: 5 }, () => [3, 4]);
    for (const classes of [1, 3, 8])
      for (const centre of await cluster(same, classes, 0)) {
        expect(centre[0]).toBeCloseTo(0.6, 6);
        expect(centre[1]).toBeCloseTo(0.8, 6);
      }
  });

  it('keeps the centroid of a class whose rows cancel out', async () => {
    const centroids = await cluster(
      [
        [1, 0],
        [-1, 0],
      ],
      1,
      0,
    );
    expect(centroids[0]!.map(Math.abs)).toEqual([1, 0]);
  });

  it('stops after the iterations it was given', async () => {
    const { images } = samplePairs(8, 200, 5);
    let done = 0;
    const options = {
      classes: 9,
      seed: 1,
      iterations: 2,
      nearestSums: plainSums(images),
      checkpoint: async () => void done++,
    };
    await sphericalKmeans(
      tableOf(images, images),
      Int32Array.from(images, (_, i) => i),
      options,
    );
    expect(done).toBe(2);
  });

  it('trains on at most 256 rows a class, in their order, until no centroid moves', async () => {
    const images = planted(2, 300, 4);
    const trained: Int32Array[] = [];
    const seen: number[][] = [];
    await sphericalKmeans(tableOf(images, images), Int32Array.from(images.keys()), {
      ...{ classes: 2, seed: 3, iterations: 50 },
      nearestSums: (centroids, rows) => {
        trained.push(rows);
        return plainSums(images)(centroids, rows);
      },
      checkpoint: async (...at) => void seen.push(at),
    });
    for (const rows of trained) {
      expect(rows).toHaveLength(512);
      expect([...rows]).toEqual([...rows].sort((a, b) => a - b));
    }
    expect(seen.length).toBeLessThan(50);
    expect(seen.at(-1)).toEqual([50, 50]);
    expect(seen.slice(0, -1)).toEqual(seen.slice(0, -1).map((_, i) => [i + 1, 50]));
  });
});
