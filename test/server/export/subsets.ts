import { dirname, join } from 'node:path';
import { Database, sqlString } from '../../../server/dataset/database.js';
import type { MetadataPart } from '../../../server/export/describedRows.js';
import { writePicks } from '../../../server/export/picks.js';
import { writeSubset, type SubsetDocument } from '../../../server/export/subsetDocument.js';
import { exportJob } from '../../../server/jobs/exportJob.js';
import type { ExportFormat, ExportReport } from '../../../server/protocol/export.js';
import { put } from '../embeddings/npyFiles.js';

/** A document as a selection writes it, of a dataset in the folder above. */
export function documentOf(picks: number, changes: Partial<SubsetDocument> = {}): SubsetDocument {
  return {
    schema: 1,
    picksFile: 'own.parquet',
    picksSha256: '0'.repeat(64),
    source: '../pairs.csv',
    imageRoot: '..',
    kind: 'table',
    dataset: { pairs: 9, valid: 9, fingerprint: 'f' },
    model: { name: 'icon-clip', fingerprint: 'f' },
    device: 'cpu',
    parameters: {
      method: 'clipcov',
      budget: '10%',
      seed: 0,
      weights: { cross: 1, self: 2, label: 0.5, inter: 1, redundancy: 1, balance: 0 },
      nearDuplicates: null,
      norm: '2',
      classQuota: null,
      embeddings: null,
      target: null,
      early: null,
      include: null,
      exclude: null,
      holdout: null,
    },
    classes: { kind: 'model', count: 1, description: 'one' },
    picks,
    exactDuplicates: { total: 0, examples: [] },
    nearDuplicates: 0,
    skipped: { total: 0, reasons: [] },
    proxy: { auc: 1, sample: 9, warning: null },
    objective: { value: 0, terms: { cross: 0, self: 0, label: 0, inter: 0, redundancy: 0, balance: 0 } },
    warnings: [],
    evaluation: null,
    ...changes,
  };
}

/** A metadata file with any columns; values are SQL. */
export async function metadataFile(file: string, columns: Record<string, string>[]): Promise<string> {
  put(file, '');
  const database = await Database.open();
  const rows = columns.map(
    (row) =>
      `SELECT ${Object.entries(row)
        .map(([name, value]) => `${value} AS ${name}`)
        .join(', ')}`,
  );
  await database.run(`COPY (${rows.join(' UNION ALL ')}) TO ${sqlString(file)} (FORMAT parquet)`);
  database.close();
  return file;
}

export interface Described {
  image: string;
  caption: string;
}

/**
 * A saved subset of a dataset of ours whose pairs are described by `pairs`: all of them, last one first. Returns the
 * document's path.
 */
export async function saveSubset(
  folder: string,
  pairs: Described[],
  changes: Partial<SubsetDocument> = {},
): Promise<string> {
  const file = join(folder, 'subsets', 'own.clipcov.json');
  const rows = pairs.map(({ image, caption }, i) => ({
    id: `${100 + i}::BIGINT`,
    image_path: sqlString(image),
    caption: sqlString(caption),
  }));
  const metadata = await metadataFile(join(folder, 'metadata_0.parquet'), rows);
  const part = { file: metadata, firstRow: 0, rows: pairs.length, ownIds: true };
  const { sha256 } = await savePicks(file, pairs.length, [part]);
  await writeSubset(file, documentOf(pairs.length, { picksSha256: sha256, ...changes }));
  return file;
}

/** Picks of `count` rows, last row first: rank, row and id are all different. */
export async function savePicks(
  file: string,
  count: number,
  metadata: MetadataPart[],
): Promise<{ ids: number[]; sha256: string }> {
  const rows = Int32Array.from({ length: count }, (_, i) => count - 1 - i);
  const columns = {
    rows,
    gains: Float64Array.from(rows, (row) => row / 8),
    latentClasses: Array.from(rows, (row) => `class ${row}`),
    clipScores: Float64Array.from(rows, (row) => row / 16),
  };
  return writePicks(join(dirname(file), 'own.parquet'), columns, metadata);
}

export function exportTo(subset: string, format: ExportFormat, out: string): Promise<ExportReport> {
  return exportJob({ subset, format, out, approvedRoots: [] }, { cancelled: () => false, report: () => {} });
}
