import { dirname, resolve } from 'node:path';
import type { JobContext } from '../context.js';
import { ClipcovError } from '../errors.js';
import { picksPath, readPicks, type StoredPick } from '../export/picks.js';
import { describeId, rowOfId } from '../export/storeRows.js';
import { readSubset, type SubsetDocument } from '../export/subsetDocument.js';
import type { Explanation, ValidParams } from '../protocol/contract.js';
import { marginalGain, nearestImage } from '../selection/explain.js';
import { narrow } from '../selection/runPipeline.js';
import { openChoice, type ChoiceParams } from './choose.js';
import { ProgressReporter } from './progress.js';
import { openRecordedGround } from './recordedGround.js';
import { embeddingSkips } from './skipped.js';
import { openWorkspace } from './workspace.js';

/** Why a pair is in a saved subset or not: its terms, its class, its nearest pick, and what left it out. */
export async function explainJob(params: ValidParams<'explain'>, context: JobContext): Promise<Explanation> {
  const file = resolve(params.subset);
  const document = await readSubset(file);
  const workspace = await openWorkspace(
    { ...params, embeddings: document.parameters.embeddings ?? undefined },
    context,
  );
  const progress = new ProgressReporter(context);
  let close: (() => Promise<void>)[] = [];
  try {
    const { ground, store } = await openRecordedGround(file, document, params, workspace, context, progress);
    close = [() => ground.pool.close()];
    const picks = await readPicks(picksPath(file, document));
    const { id } = params;
    const row = await rowOfId(store, id);
    const bare: Explanation = {
      ...{ id, image: null, caption: null, outcome: 'unusable', reason: '', rank: null, latentClass: null },
      ...{ classSize: 0, classPicks: 0, clipScore: null, gain: null, nearest: null },
    };
    if (row === null) {
      const skipped = embeddingSkips(store).find((one) => one.id === id);
      if (!skipped)
        throw new ClipcovError('id-unknown', `The dataset has no pair with the id ${id}.`, {
          where: file,
          fix: `Ids are rows of the dataset, counted from 0; it has ${document.dataset.pairs}.`,
        });
      return { ...bare, reason: `The pair cannot be used: ${skipped.reason} (${skipped.where}).` };
    }
    const described = { ...bare, ...(await describeId(store, row)) };
    if (ground.exactDuplicates.includes(row))
      return {
        ...described,
        outcome: 'exact-duplicate',
        reason: 'An earlier pair has the same image bytes and the same caption.',
      };
    if (ground.heldOut.includes(row))
      return { ...described, outcome: 'filtered', reason: 'It was held out of selection, for evaluation.' };
    const k = ground.labels[row]!;
    if (k < 0) return { ...described, reason: 'Its image or text embedding is all zero, NaN or infinite.' };

    const opened = await openChoice(choiceParams(file, document), picks.length, {
      ...{ ground, store, workspace, context, progress },
    });
    close.push(() => opened.close());
    const left = await narrow(opened.steps, opened.input, ground.valid);
    const pick = picks.find((one) => one.row === row);
    const ofClass = picks.filter((one) => ground.labels[one.row] === k);
    const before = pick ? ofClass.filter(({ rank }) => rank < pick.rank) : ofClass;
    const { weights } = document.parameters;
    const counted = left.input.context.sums.counts[k]! > 0 ? left.input.context : ground.prepared.context;
    const gain = await marginalGain(ground.table, row, k, rowsOf(before), counted, weights);
    const near = await nearestImage(ground.table, row, rowsOf(ofClass));
    const nearest = near && picks.find((one) => one.row === near.row)!;
    const found: Explanation = {
      ...described,
      latentClass: ground.names[k]!,
      classSize: counted.sums.counts[k]!,
      classPicks: ofClass.length,
      clipScore: weights.self === 0 ? null : gain.terms.self / weights.self,
      gain,
      nearest: nearest && { id: nearest.id, rank: nearest.rank, cosine: near.cosine },
    };
    if (pick)
      return {
        ...found,
        outcome: 'picked',
        rank: pick.rank,
        reason: `Picked as number ${pick.rank + 1} of ${picks.length}, ${before.length} of its class before it.`,
      };
    const step = left.leftOutBy[row]!;
    if (step > 0) {
      const names = opened.steps[step - 1]!.map(({ name }) => name).join(' & ');
      return {
        ...found,
        outcome: 'filtered',
        reason:
          names === 'near-duplicates'
            ? `A near duplicate of a pair with a better CLIP score${near ? ` (the nearest pick has a cosine of ${near.cosine.toFixed(3)})` : ''}.`
            : `The step ${names} left it out.`,
      };
    }
    if (opened.input.labels[row]! < 0)
      return {
        ...found,
        outcome: 'filtered',
        reason: excluded(document.parameters),
      };
    return { ...found, outcome: 'behind', reason: behind(document, gain.value, picks, ofClass) };
  } finally {
    for (const one of close.reverse()) await one();
    await workspace.release();
  }
}

function excluded({ exclude, excludeFindings }: SubsetDocument['parameters']): string {
  const findings = excludeFindings && `among the findings that were excluded (${excludeFindings.join(', ')})`;
  const reasons = [exclude !== null && 'on the list of pairs to leave out', findings].filter(Boolean);
  return `It is ${reasons.join(' or ')}.`;
}

function behind(document: SubsetDocument, gain: number, picks: StoredPick[], ofClass: StoredPick[]): string {
  const { method } = document.parameters;
  const [last, lastOfClass] = [picks.at(-1), ofClass.at(-1)];
  if (!last) return 'The subset is empty.';
  if (!/(^|\|)\s*clipcov\s*(:[^|&]*)?$/.test(method))
    return `It ranks behind the ${picks.length} picks by ${method}; the last of these has ${last.gain.toFixed(4)}.`;
  const own = lastOfClass ? `; the last pick of its class had ${lastOfClass.gain.toFixed(4)}` : '';
  return `Picked next it would gain ${gain.toFixed(4)}, less than the last pick's ${last.gain.toFixed(4)}${own}.`;
}

function rowsOf(picks: StoredPick[]): Int32Array {
  return Int32Array.from(picks, ({ row }) => row);
}

/** The parameters that a document records, as a selection takes them. */
function choiceParams(file: string, { parameters }: SubsetDocument): ChoiceParams {
  const { method, weights, seed, norm, nearDuplicates, classQuota, excludeFindings } = parameters;
  const paths = Object.fromEntries(
    (['target', 'early', 'include', 'exclude'] as const).flatMap((name) => {
      const path = parameters[name];
      return path === null ? [] : [[name, resolve(dirname(file), path)]];
    }),
  );
  return {
    ...{ method, weights, seed, norm, excludeFindings, ...paths },
    ...(nearDuplicates !== null && { nearDuplicates }),
    ...(classQuota !== null && { classQuota }),
  };
}
