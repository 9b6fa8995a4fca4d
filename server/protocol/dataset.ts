import { z } from 'zod';
import { dataset, path, type tableColumns } from './fields.js';

export const inspectSchema = z.strictObject(dataset);

/** The names of the columns of a table, for a person to choose from. */
export const tableColumnsSchema = z.strictObject({ source: path });

/** What lies in a folder or table, told before any work starts. */
export interface Inspection {
  kind: 'table' | 'folder' | 'webdataset' | 'parquet' | 'store';
  /** The columns that were chosen for image and caption; null where the usual ones are taken, or there are none. */
  columns: z.infer<typeof tableColumns> | null;
  /** Rows in the dataset, unusable ones included. */
  pairs: number;
  /** Rows that cannot be used, by reason, with a few examples each. */
  skipped: SkippedRows;
  /** Where the embeddings will lie, and how many bytes they take when complete. */
  store: string;
  storeBytes: number;
  model: string;
  /** Rows of the dataset that this model has embedded already, or found unusable. */
  embedded: number;
}

export interface SkippedRows {
  total: number;
  reasons: { reason: string; count: number; examples: { id: number; where: string }[] }[];
}
