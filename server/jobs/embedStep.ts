import { REASONS } from '../dataset/pair.js';
import { embedDataset, partRowsOf, type EmbedResult } from '../embeddings/embedDataset.js';
import type { EmbeddedSample } from '../embeddings/partInWork.js';
import { partPaths, readSkipped } from '../embeddings/partFiles.js';
import { thumbnail } from '../embeddings/pictures.js';
import { ClipcovError } from '../errors.js';
import type { JobProgress, PairPreview } from '../protocol/progress.js';
import type { NamedClasses } from './classSource.js';
import type { JobContext } from '../context.js';
import type { ProgressReporter } from './progress.js';
import type { Workspace } from './workspace.js';

const THUMBNAIL_EDGE = 96;
/** Previews are for the eye: more often than this nobody sees them. */
const PREVIEW_MS = 400;

/** Brings the embeddings of the workspace's dataset up to date. `classes` names the previews' classes. */
export async function embedStep(
  workspace: Workspace,
  approvedRoots: string[],
  context: JobContext,
  progress: ProgressReporter,
  classes: NamedClasses | null,
): Promise<EmbedResult> {
  const { source } = workspace;
  if (source.kind === 'store') throw new Error('a store is embedded already');
  const model = await workspace.model();
  await workspace.makeHome();
  let shown = 0;
  let last = { done: 0, total: 0, skipped: 0 };
  const show = async (sample: EmbeddedSample[]): Promise<void> => {
    if (performance.now() - shown < PREVIEW_MS) return;
    shown = performance.now();
    const previews: JobProgress['previews'] = await Promise.all(
      sample.map((pair) => previewOf(pair, model.dim, classes)),
    );
    progress.update(last.done, last.total, last.skipped, previews);
  };
  const result = await embedDataset({
    source,
    model,
    encoder: workspace.encoder,
    device: await workspace.device(),
    home: workspace.home,
    approvedRoots,
    context,
    onProgress: ({ stage, ...counts }) => {
      progress.begin(stage, 'pairs');
      last = counts;
      progress.update(counts.done, counts.total, counts.skipped);
    },
    onSample: context.previews === true ? show : null,
  });
  if (last.skipped === result.pairs) throw nothingUsable(source.path, result);
  return result;
}

/** What to say where no row is left to embed: the first reason is mostly that of all rows. */
function nothingUsable(where: string, { store, pairs }: EmbedResult): ClipcovError {
  const parts = Math.ceil(pairs / partRowsOf(pairs));
  const first = readSkipped(partPaths(store, 0, parts).skipped)[0];
  const captions: readonly string[] = [REASONS.noCaption, REASONS.emptyCaption];
  const why = first ? ` The first: ${first.reason} (${first.where}).` : '';
  return new ClipcovError('dataset-unusable', `None of the ${pairs} rows of the dataset can be used.${why}`, {
    where,
    fix: captions.includes(first?.reason ?? '')
      ? 'Give each image a caption: a .txt or .json of the same name beside it, or a line of a table (--caption-column where it is called otherwise).'
      : 'Check that the images lie where the dataset says (--allow-root permits other folders).',
  });
}

async function previewOf(
  pair: EmbeddedSample,
  dim: number,
  classes: NamedClasses | null,
): Promise<PairPreview> {
  const clipScore = pair.image.reduce((sum, value, j) => sum + value * pair.text[j]!, 0);
  return {
    id: pair.id,
    caption: pair.caption,
    latentClass: classes ? nearestClass(pair.image, dim, classes) : null,
    clipScore,
    gain: null,
    thumbnail: await pair
      .readImage()
      .then((bytes) => thumbnail(bytes, THUMBNAIL_EDGE))
      .catch(() => null),
  };
}

function nearestClass(image: Float32Array, dim: number, classes: NamedClasses): string {
  let best = 0;
  let highest = -Infinity;
  for (let k = 0; k < classes.names.length; k++) {
    let score = 0;
    for (let j = 0; j < dim; j++) score += image[j]! * classes.embeddings[k * dim + j]!;
    if (score > highest) [best, highest] = [k, score];
  }
  return classes.names[best]!;
}
