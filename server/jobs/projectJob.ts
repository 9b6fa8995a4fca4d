import { stat } from 'node:fs/promises';
import { throwIfCancelled, type JobContext } from '../context.js';
import { picksPath, readPickOrder } from '../export/picks.js';
import type { SubsetDocument } from '../export/subsetDocument.js';
import { columnFile, keepColumn, keptColumn, pointsFile } from '../pairs/mapFiles.js';
import { otherSubsets, type OtherSubset } from '../pairs/otherSubsets.js';
import type { ValidParams } from '../protocol/contract.js';
import type { Projection } from '../protocol/map.js';
import type { ProjectionKind } from '../protocol/pairView.js';
import { candidates } from '../selection/baselines.js';
import { clipScores } from '../selection/clipScores.js';
import type { GroundSet } from './groundSet.js';
import { mapPositions } from './mapPositions.js';
import { breathe, ProgressReporter } from './progress.js';
import { openRecorded, openRecordedGround } from './recordedGround.js';
import type { Workspace } from './workspace.js';

/** A subset whose picks are shown on the map. */
interface Shown {
  file: string;
  document: SubsetDocument;
}

/** So many other subsets can be compared with. */
const OTHERS = 6;

/** Points, classes, scores and ranks of all pairs that a subset was chosen from, each made once and kept. */
export async function projectJob(params: ValidParams<'project'>, context: JobContext): Promise<Projection> {
  const { file, document, workspace } = await openRecorded(params, context);
  try {
    const shown = { file, document };
    const others = (await otherSubsets(file, document)).slice(0, OTHERS);
    const kept = await keptMap(params.by, shown, others, workspace.home);
    if (kept) return kept;
    await makeMap(params, shown, workspace, context);
    const made = await keptMap(params.by, shown, others, workspace.home);
    if (made) return made;
    throw new Error('the map that was made is not there');
  } finally {
    await workspace.release();
  }
}

/** Points are those of the embeddings, whatever was selected; classes those under which the picks were chosen. */
function filesOf(by: ProjectionKind, { document }: Shown, home: string): { points: string; pairs: string } {
  const { dataset, picksSha256 } = document;
  return {
    points: pointsFile(home, by, dataset.fingerprint),
    pairs: columnFile(home, 'pairs', 'pairs 1', dataset.fingerprint, picksSha256),
  };
}

/** A map of which every column is kept. */
async function keptMap(
  by: ProjectionKind,
  shown: Shown,
  compared: OtherSubset[],
  home: string,
): Promise<Projection | null> {
  const { points, pairs } = filesOf(by, shown, home);
  const [places, classes] = [keptColumn(points, 2), keptColumn(pairs, 2)];
  if (!places || classes?.rows !== places.rows || !classes.classes) return null;
  const { rows, explained, fitted } = places;
  const others: Projection['others'] = [];
  for (const { name, method, file } of compared) {
    // One whose picks cannot be read is none to compare with.
    const ranks = await rankColumn(file, rows, home).catch(() => null);
    if (ranks !== null) others.push({ name, method, ranks });
  }
  const ranks = await rankColumn(picksPath(shown.file, shown.document), rows, home);
  return { by, rows, points, pairs, ranks, others, classes: classes.classes, explained, fitted };
}

async function makeMap(
  params: ValidParams<'project'>,
  shown: Shown,
  workspace: Workspace,
  context: JobContext,
): Promise<void> {
  const progress = new ProgressReporter(context);
  const { file, document } = shown;
  const { ground } = await openRecordedGround(file, document, params, workspace, context, progress);
  try {
    await workspace.makeHome();
    const { points, pairs } = filesOf(params.by, shown, workspace.home);
    if (!keptColumn(points, 2)) {
      const made = await mapPositions(params.by, { table: ground.table, workspace, context, progress });
      throwIfCancelled(context);
      await keepColumn(points, made.points, 2, made.facts);
    }
    if (!keptColumn(pairs, 2)) {
      const columns = await pairColumns(ground, context, progress);
      await keepColumn(pairs, columns, 2, { classes: ground.names });
    }
  } finally {
    await ground.pool.close();
  }
}

/** Class and CLIP score of every candidate. */
async function pairColumns(
  { table, labels }: GroundSet,
  context: JobContext,
  progress: ProgressReporter,
): Promise<Float32Array> {
  const rows = candidates(labels);
  progress.begin('classify', 'pairs');
  const scores = await clipScores(table, rows, async (done) => {
    throwIfCancelled(context);
    progress.update(done, rows.length);
    await breathe();
  });
  const values = new Float32Array(2 * table.rows);
  for (let row = 0; row < table.rows; row++) values.set([-1, NaN], 2 * row);
  rows.forEach((row, i) => values.set([labels[row]!, scores[i]!], 2 * row));
  return values;
}

/** Ranks by row, out of the Parquet file of the picks. */
async function rankColumn(picks: string, rows: number, home: string): Promise<string> {
  const { size, mtimeNs } = await stat(picks, { bigint: true });
  const column = columnFile(home, 'ranks', `ranks 1 ${rows}`, `${picks} ${size} ${mtimeNs}`);
  if (keptColumn(column, 1)?.rows === rows) return column;
  const values = new Float32Array(rows).fill(-1);
  (await readPickOrder(picks)).rows.forEach((row, rank) => (values[row] = rank));
  await keepColumn(column, values, 1);
  return column;
}
