import { createHash } from 'node:crypto';
import { existsSync, readFileSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { writeAside } from '../embeddings/aside.js';
import { npyFile, openNpy } from '../embeddings/npy.js';
import { forgetOldest } from '../embeddings/keptFiles.js';
import { DIRECTIONS, FITTED } from '../projection/umap.js';
import type { ProjectionKind } from '../protocol/pairView.js';

const EXTENSION = '.npy';
/** Columns that a dataset keeps: its maps, and those of a few subsets. */
const KEPT = 32;

const factsSchema = z.object({
  explained: z.array(z.number()).nullable().default(null),
  fitted: z.number().int().nullable().default(null),
  classes: z.array(z.string()).nullable().default(null),
});
/** What is to be said of a column besides its numbers. */
export type ColumnFacts = z.output<typeof factsSchema>;
export const NO_FACTS: ColumnFacts = { explained: null, fitted: null, classes: null };

export interface KeptColumn extends ColumnFacts {
  rows: number;
}

/**
 * Where a column is kept that depends on what is named. Like `classified/` a cache, which may be removed at any time; a name
 * is made of checksums of contents, so that a column is found without opening a store.
 */
export function columnFile(home: string, name: string, ...dependsOn: string[]): string {
  const digits = createHash('sha256').update(JSON.stringify(dependsOn)).digest('hex').slice(0, 32);
  return join(home, 'projections', `${name}-${digits}${EXTENSION}`);
}

/** Where the points of a dataset's map are kept: those of its embeddings, whatever was selected. */
export function pointsFile(home: string, by: ProjectionKind, fingerprint: string): string {
  return columnFile(home, by, by === 'pca' ? 'PCA 1' : `UMAP 1 ${FITTED} ${DIRECTIONS}`, fingerprint);
}

/** A column that was kept, or null where there is none or it is of another shape. */
export function keptColumn(file: string, columns: number): KeptColumn | null {
  try {
    const matrix = openNpy(file);
    if (matrix.columns !== columns || matrix.type !== 'f4') return null;
    const facts = factsFile(file);
    const found = existsSync(facts) ? factsSchema.parse(JSON.parse(readFileSync(facts, 'utf8'))) : NO_FACTS;
    // What is used is not among the oldest.
    const now = new Date();
    utimesSync(file, now, now);
    return { rows: matrix.rows, ...found };
  } catch {
    return null;
  }
}

/** The matrix last: a column without its facts is not there. */
export async function keepColumn(
  file: string,
  values: Float32Array,
  columns: number,
  facts: Partial<ColumnFacts> | null = null,
): Promise<void> {
  if (facts) await writeAside(factsFile(file), `${JSON.stringify(facts)}\n`);
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  await writeAside(file, npyFile(`'<f4'`, `(${values.length / columns}, ${columns})`, bytes));
  await forgetOldest(dirname(file), EXTENSION, KEPT);
}

function factsFile(file: string): string {
  return `${file.slice(0, -EXTENSION.length)}.json`;
}
