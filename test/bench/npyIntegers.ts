import { readFileSync } from 'node:fs';

/** The values of a one-dimensional int64 `.npy` file, as numpy saves an array of row numbers. */
export function readNpyIntegers(file: string): number[] {
  const bytes = readFileSync(file);
  const start = 10 + bytes.readUInt16LE(8);
  if (!bytes.toString('latin1', 10, start).includes("'<i8'")) throw new Error(`${file} does not hold int64`);
  return Array.from({ length: (bytes.length - start) / 8 }, (_, i) =>
    Number(bytes.readBigInt64LE(start + 8 * i)),
  );
}
