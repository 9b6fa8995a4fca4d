import { Catalogue } from '../dataset/catalogue.js';
import { chosenColumns } from '../dataset/chosenColumns.js';
import { storeFolder } from '../embeddings/embedDataset.js';
import { openStore } from '../embeddings/store.js';
import type { ValidParams } from '../protocol/contract.js';
import type { Inspection } from '../protocol/dataset.js';
import { throwIfCancelled, type JobContext } from '../context.js';
import { ProgressReporter } from './progress.js';
import { countSkipped } from './skipped.js';
import { openWorkspace } from './workspace.js';

/** Bytes of a caption and its paths in metadata and catalogue, roughly; the embeddings are exact. */
const METADATA_BYTES = 300;

/** What lies there, before any work: pairs, unusable rows, where the embeddings go and how large they get. */
export async function inspectJob(params: ValidParams<'inspect'>, context: JobContext): Promise<Inspection> {
  const workspace = await openWorkspace(params, context);
  const { source } = workspace;
  if (source.kind === 'store') {
    const store = (await workspace.givenStore())!;
    return {
      kind: 'store',
      columns: null,
      pairs: store.rows,
      skipped: countSkipped([]),
      store: source.root,
      storeBytes: 0,
      model: store.plan?.model.name ?? 'unknown',
      embedded: store.rows,
    };
  }
  const model = await workspace.model();
  const progress = new ProgressReporter(context);
  await workspace.makeHome();
  const catalogue = await Catalogue.open(workspace.home);
  try {
    const pairs = await catalogue.load(source, async (rows) => {
      throwIfCancelled(context);
      progress.update(rows, 0);
    });
    const problems = await catalogue.problems();
    const skipped = countSkipped(problems.map(({ id, problem }) => ({ id, ...problem })));
    const folder = storeFolder(workspace.home, model);
    return {
      kind: source.kind,
      columns: chosenColumns(workspace.home),
      pairs,
      skipped,
      store: folder,
      storeBytes: (pairs - skipped.total) * (2 * 2 * model.dim + METADATA_BYTES),
      model: model.name,
      embedded: embeddedRows(folder, pairs),
    };
  } finally {
    catalogue.close();
  }
}

/**
 * Rows of the dataset in finished parts, those included that a part found unusable. A store that is not there, or not
 * sound, counts for nothing: what is wrong with it a run says and mends.
 */
function embeddedRows(folder: string, pairs: number): number {
  try {
    const { parts, plan } = openStore(folder);
    if (!plan) return 0;
    const { partRows } = plan;
    return parts
      .filter(({ metadata }) => metadata !== null)
      .reduce((rows, { index }) => rows + Math.max(0, Math.min(partRows, pairs - index * partRows)), 0);
  } catch {
    return 0;
  }
}
