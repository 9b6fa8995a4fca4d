import { throwIfCancelled, type JobContext } from '../context.js';
import { ClipcovError } from '../errors.js';
import { picksPath, readPicks, type StoredPick } from '../export/picks.js';
import { describeId, idsOfRows, rowOfId } from '../export/storeRows.js';
import type { SubsetDocument } from '../export/subsetDocument.js';
import type { ValidParams } from '../protocol/contract.js';
import type { Explanation, Neighbour } from '../protocol/pairs.js';
import { marginalGain, nearestImages, type NearImage } from '../selection/explain.js';
import { narrow } from '../selection/runPipeline.js';
import { openChoice } from './choose.js';
import { ProgressReporter } from './progress.js';
import { openRecorded, openRecordedGround } from './recordedGround.js';
import { recordedChoice } from './recordedParams.js';
import { embeddingSkips } from './skipped.js';

/** How many of either kind are told. */
const NEIGHBOURS = 6;

/** Why a pair is in a saved subset or not: its terms, its class, its nearest neighbours, and what left it out. */
export async function explainJob(params: ValidParams<'explain'>, context: JobContext): Promise<Explanation> {
  const { file, document, workspace } = await openRecorded(params, context);
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
      neighbours: { picked: [], dropped: [] },
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

    const opened = await openChoice(recordedChoice(file, document), picks.length, {
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
    const pickOf = new Map(ofClass.map((one) => [one.row, one]));
    const check = async (): Promise<void> => throwIfCancelled(context);
    const picked = await nearestImages(ground.table, row, rowsOf(ofClass), NEIGHBOURS, check);
    const others = ground.prepared.members[k]!.filter((other) => !pickOf.has(other));
    const dropped = await nearestImages(ground.table, row, others, NEIGHBOURS, check);
    const ids = await idsOfRows(
      store,
      [...picked, ...dropped].map((one) => one.row),
    );
    const neighbour = ({ row: other, cosine }: NearImage): Neighbour => ({
      ...{ id: ids.get(other)!, rank: pickOf.get(other)?.rank ?? null, cosine },
    });
    const [near] = picked;
    const nearest = near && pickOf.get(near.row)!;
    const found: Explanation = {
      ...described,
      latentClass: ground.names[k]!,
      classSize: counted.sums.counts[k]!,
      classPicks: ofClass.length,
      clipScore: weights.self === 0 ? null : gain.terms.self / weights.self,
      gain,
      nearest: nearest ? { id: nearest.id, rank: nearest.rank, cosine: near.cosine } : null,
      neighbours: { picked: picked.map(neighbour), dropped: dropped.map(neighbour) },
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
