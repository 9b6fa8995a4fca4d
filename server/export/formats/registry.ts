import type { ExportFormat } from '../../protocol/export.js';
import type { Exporter } from '../exporter.js';
import { clipRetrieval } from './clipRetrieval.js';
import { datacomp } from './datacomp.js';
import { imagefolder } from './imagefolder.js';
import { parquet } from './parquet.js';
import { ownFormat } from './source.js';
import { tableExporter } from './table.js';
import { tables } from './tables.js';
import { webdataset } from './webdataset.js';

/** Every format by name: one line registers one. */
export const exporters: Record<ExportFormat, Exporter> = {
  'openclip-csv': tableExporter('openclip-csv', tables['openclip-csv']),
  'cyclip-csv': tableExporter('cyclip-csv', tables['cyclip-csv']),
  datacomp,
  webdataset,
  source: ownFormat,
  'clip-retrieval': clipRetrieval,
  imagefolder,
  parquet,
  jsonl: tableExporter('jsonl', tables.jsonl),
  text: tableExporter('text', tables.text),
};
