/** Numbers in (−1, 1) that depend on the seed alone. */
export function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = Math.imul(state ^ (state >>> 15), 1 | state);
    z = (z + Math.imul(z ^ (z >>> 7), 61 | z)) ^ z;
    return Math.fround((((z ^ (z >>> 14)) >>> 0) + 0.5) / 2 ** 31 - 1);
  };
}

export const dot = (a: number[], b: number[]): number => a.reduce((sum, x, j) => sum + x * b[j]!, 0);
export const unit = (row: number[]): number[] => row.map((x) => x / Math.sqrt(dot(row, row)));

/** Pairs whose captions lean towards their images by `lean`, and some of whose images repeat an earlier one. */
export function samplePairs(
  seed: number,
  rows: number,
  dim: number,
  { lean = 0.6, repeats = 0 } = {},
): { images: number[][]; texts: number[][] } {
  const next = numbers(seed);
  const images: number[][] = [];
  for (let i = 0; i < rows; i++) {
    const repeated = i > 0 && (next() + 1) / 2 < repeats;
    const source = repeated ? images[Math.floor(((next() + 1) / 2) * i)]! : null;
    images.push(
      Array.from({ length: dim }, (_, j) => (source ? Math.fround(source[j]! + 0.02 * next()) : next())),
    );
  }
  const texts = images.map((image) =>
    image.map((x) => Math.fround(lean * x + (1 - Math.abs(lean)) * next())),
  );
  return { images, texts };
}

export const nothing = async (): Promise<void> => {};
