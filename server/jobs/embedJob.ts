import { openStore } from '../embeddings/store.js';
import { ClipcovError } from '../errors.js';
import type { ValidParams } from '../protocol/contract.js';
import type { SkippedRows } from '../protocol/dataset.js';
import type { DeviceReport } from '../protocol/progress.js';
import type { JobContext } from '../context.js';
import { embedStep } from './embedStep.js';
import { lossWarnings } from './lossWarnings.js';
import { mixedDevices } from './mixedDevices.js';
import { ProgressReporter } from './progress.js';
import { Stopwatch } from './stopwatch.js';
import { countSkipped, embeddingSkips } from './skipped.js';
import { openWorkspace } from './workspace.js';

export interface StoreSummary {
  store: string;
  pairs: number;
  embedded: number;
  imagesEncoded: number;
  captionsEncoded: number;
  skipped: SkippedRows;
  device: DeviceReport;
  warnings: string[];
  /** By stage: `model` is loading it, `embed` the rest, from the dataset's files to the written store. */
  seconds: Record<string, number>;
}

/** Embeds a dataset and says what the store then holds. */
export async function storeSummary(
  params: ValidParams<'inspect'>,
  context: JobContext,
): Promise<StoreSummary> {
  const workspace = await openWorkspace(params, context);
  if (workspace.source.kind === 'store')
    throw new ClipcovError('source-is-store', 'The folder is an embedding store already.', {
      where: workspace.source.root,
      fix: 'Select from it, or give the dataset.',
    });
  const progress = new ProgressReporter(context);
  try {
    const { report } = await workspace.device();
    progress.device = report;
    const stopwatch = new Stopwatch();
    await stopwatch.time('model', workspace.model);
    const timed = { ...workspace, encoder: () => stopwatch.time('model', workspace.encoder) };
    const { store, ...counts } = await stopwatch.time('embed', () =>
      embedStep(timed, params.approvedRoots, context, progress, null),
    );
    const opened = openStore(store);
    return {
      store,
      ...counts,
      embedded: opened.rows,
      skipped: countSkipped(embeddingSkips(opened)),
      device: report,
      warnings: [...lossWarnings(report), ...(await mixedDevices(opened))],
      seconds: stopwatch.seconds,
    };
  } finally {
    await workspace.release();
  }
}
