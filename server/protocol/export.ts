import { z } from 'zod';
import { path, source } from './fields.js';

export const EXPORT_FORMATS = [
  'openclip-csv',
  'cyclip-csv',
  'datacomp',
  'webdataset',
  'source',
  'clip-retrieval',
  'imagefolder',
  'parquet',
  'jsonl',
  'text',
] as const;

export const exportSchema = z.strictObject({
  subset: path,
  format: z.enum(EXPORT_FORMATS),
  /** A file, or for formats of several files a folder that is not there yet or empty. */
  out: path,
  /** As the subset was selected with. */
  store: path.optional(),
  approvedRoots: source.approvedRoots,
});

export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface ExportReport {
  out: string;
  rows: number;
  /** Ready-to-paste training command, where the target has one. */
  command: string | null;
  warnings: string[];
}
