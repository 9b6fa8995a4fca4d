import { resolve } from 'node:path';
import { throwIfCancelled, type JobContext } from '../context.js';
import { ExportedSubset } from '../export/exporter.js';
import { exporters } from '../export/formats/registry.js';
import { checkPicks } from '../export/picks.js';
import { readSubset } from '../export/subsetDocument.js';
import type { ValidParams } from '../protocol/contract.js';
import type { ExportReport } from '../protocol/export.js';
import { breathe, ProgressReporter } from './progress.js';

/** Writes the picks in a target's format. */
export async function exportJob(params: ValidParams<'export'>, context: JobContext): Promise<ExportReport> {
  const file = resolve(params.subset);
  const out = resolve(params.out);
  const document = await readSubset(file);
  await checkPicks(file, document);
  const progress = new ProgressReporter(context);
  progress.begin('write', 'pairs');
  const written = await exporters[params.format](new ExportedSubset(file, document, params), {
    out,
    checkpoint: async (done) => {
      throwIfCancelled(context);
      progress.update(done, document.picks);
      await breathe();
    },
  });
  return { out, ...written };
}
