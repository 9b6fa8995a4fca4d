import { resolve } from 'node:path';
import type { JobContext } from '../context.js';
import { readSubset } from '../export/subsetDocument.js';
import type { ValidParams } from '../protocol/contract.js';
import type { SelectionReport } from '../protocol/selection.js';
import { forgetLists, idsIn, writeList } from './pairLists.js';
import { checkModel, refuseOther } from './recordedGround.js';
import { recordedSelection } from './recordedParams.js';
import { selectFrom } from './selectJob.js';
import { besideSubset } from './subsetsFolder.js';
import { openWorkspace } from './workspace.js';

/**
 * What a saved subset was picked with, once more, and some pairs forced in or out besides. The lists lie beside the new
 * subset, which records them; the old one is replaced at the end or not at all.
 */
export async function reselectJob(
  params: ValidParams<'reselect'>,
  context: JobContext,
): Promise<SelectionReport> {
  const file = resolve(params.subset);
  const document = await readSubset(file);
  const out = params.out === undefined ? file : besideSubset(file, params.out);
  const recorded = recordedSelection(file, document);
  const [included, excluded] = await Promise.all([idsIn(recorded.include), idsIn(recorded.exclude)]);
  const [forcedIn, forcedOut] = [new Set(params.include), new Set(params.exclude)];
  const include = [...included.filter((id) => !forcedOut.has(id)), ...forcedIn];
  const exclude = [...excluded.filter((id) => !forcedIn.has(id)), ...forcedOut];
  const { source, model, store, device, memory, approvedRoots } = params;
  const given = {
    ...{ source, device, memory, approvedRoots },
    ...(model !== undefined && { model }),
    ...(store !== undefined && { store }),
  };
  const workspace = await openWorkspace({ ...recorded, ...given }, context);
  try {
    await checkModel(file, document, workspace);
    const selection = {
      ...{ ...recorded, ...given, out },
      include: await writeList(out, 'include', include),
      exclude: await writeList(out, 'exclude', exclude),
      evaluate: document.evaluation !== null,
    };
    const { report } = await selectFrom(workspace, selection, context, [], (ground) =>
      refuseOther(file, document, ground),
    );
    await forgetLists(out, [selection.include, selection.exclude]);
    return report;
  } finally {
    await workspace.release();
  }
}
