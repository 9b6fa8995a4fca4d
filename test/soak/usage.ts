import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { residentMegabytes } from '../fuzz/memory.js';

/** What a process and its folders take at one moment. */
export interface Usage {
  handles: number;
  threads: number;
  megabytes: number;
  /** Bytes of all files below the folders, and how many there are. */
  disk: number;
  files: number;
}

export type Quantity = keyof Usage;

export function usageOf(pid: number, folders: string[]): Usage {
  const sizes = folders.filter((folder) => existsSync(folder)).flatMap(sizesBelow);
  return {
    handles: readdirSync(`/proc/${pid}/fd`).length,
    threads: readdirSync(`/proc/${pid}/task`).length,
    megabytes: residentMegabytes(pid),
    disk: sizes.reduce((sum, size) => sum + size, 0),
    files: sizes.length,
  };
}

function sizesBelow(folder: string): number[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => statSync(join(entry.parentPath, entry.name)).size);
}

/** The medians of the second quarter and of the last: the first is for what is loaded once. */
export function quarters(samples: Usage[]): Record<Quantity, [early: number, late: number]> {
  const quarter = Math.floor(samples.length / 4);
  const of = (part: Usage[], quantity: Quantity): number => median(part.map((sample) => sample[quantity]));
  const early = samples.slice(quarter, 2 * quarter);
  const late = samples.slice(-quarter);
  const both = (quantity: Quantity): [number, number] => [of(early, quantity), of(late, quantity)];
  return {
    handles: both('handles'),
    threads: both('threads'),
    megabytes: both('megabytes'),
    disk: both('disk'),
    files: both('files'),
  };
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

/** What grew, in words, of what is judged; null where all is flat. Memory may differ by what a collector leaves lying. */
export function growth(
  samples: Usage[],
  judged: readonly Quantity[] = ['handles', 'threads', 'megabytes', 'disk', 'files'],
): string | null {
  const allowed: Record<Quantity, (early: number) => number> = {
    handles: (early) => early + 2,
    threads: (early) => early + 2,
    megabytes: (early) => early * 1.15 + 30,
    disk: (early) => early * 1.02 + 65_536,
    files: (early) => early,
  };
  for (const [quantity, [early, late]] of Object.entries(quarters(samples)) as [Quantity, [number, number]][])
    if (judged.includes(quantity) && late > allowed[quantity](early))
      return `${quantity} grew from ${early} to ${late}`;
  return null;
}
