import { createHash } from 'node:crypto';
import { readFile, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { JobContext } from '../context.js';
import { writeAside } from '../embeddings/aside.js';
import { readSubset, SUBSET_EXTENSION } from '../export/subsetDocument.js';
import type { SelectionReport, ValidParams } from '../protocol/contract.js';
import { checkModel, refuseOther } from './recordedGround.js';
import { recordedSelection } from './recordedParams.js';
import { selectFrom } from './selectJob.js';
import { isPath } from './subsetsFolder.js';
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
  const out = targetOf(file, params.out);
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

function targetOf(file: string, out: string | undefined): string {
  if (out === undefined) return file;
  const name = out.endsWith(SUBSET_EXTENSION) ? out : `${out}${SUBSET_EXTENSION}`;
  return isPath(name) ? resolve(name) : join(dirname(file), name);
}

/** What no id is says the selection, which reads the lists too. */
async function idsIn(list: string | undefined): Promise<number[]> {
  if (list === undefined) return [];
  const lines = (await readFile(list, 'utf8')).split(/\r?\n/).filter((line) => line.trim() !== '');
  return [...new Set(lines.map(Number))];
}

/** `NAME.include-01234567.txt`, by its content: a list that a saved subset records is never changed under it. */
async function writeList(
  out: string,
  kind: 'include' | 'exclude',
  ids: number[],
): Promise<string | undefined> {
  if (ids.length === 0) return undefined;
  const text = `${[...new Set(ids)].join('\n')}\n`;
  const digits = createHash('sha256').update(text).digest('hex').slice(0, 8);
  const list = join(dirname(out), `${basename(out, SUBSET_EXTENSION)}.${kind}-${digits}.txt`);
  await writeAside(list, text);
  return list;
}

/** Removes the lists of earlier selections of this name. */
async function forgetLists(out: string, kept: (string | undefined)[]): Promise<void> {
  const name = basename(out, SUBSET_EXTENSION);
  const names = kept.map((list) => list && basename(list));
  for (const other of await readdir(dirname(out)))
    if (
      other.startsWith(`${name}.`) &&
      /^(include|exclude)-[0-9a-f]{8}\.txt$/.test(other.slice(name.length + 1)) &&
      !names.includes(other)
    )
      await rm(join(dirname(out), other), { force: true });
}
