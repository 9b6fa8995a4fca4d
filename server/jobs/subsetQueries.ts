import { basename, dirname, resolve } from 'node:path';
import { checkPicks } from '../export/picks.js';
import { readSubset, SUBSET_EXTENSION } from '../export/subsetDocument.js';
import type { ValidParams } from '../protocol/contract.js';
import type { SubsetView } from '../protocol/pairs.js';

/** What a preview of a saved subset shows besides its pairs. Reading all picks to check them takes longer: `checkSubset`. */
export async function openSubset({ subset }: ValidParams<'openSubset'>): Promise<SubsetView> {
  const file = resolve(subset);
  const document = await readSubset(file);
  const { method, nearDuplicates } = document.parameters;
  return {
    path: file,
    name: basename(file, SUBSET_EXTENSION),
    method,
    budget: document.parameters.budget,
    pairs: document.dataset.pairs,
    picks: document.picks,
    classes: document.classes.description,
    objective: document.objective,
    proxy: document.proxy,
    device: { used: document.device, refused: document.devicesLost ?? [] },
    source: resolve(dirname(file), document.source),
    dataset: document.imageRoot === null ? null : resolve(dirname(file), document.imageRoot),
    exactDuplicates: document.exactDuplicates.total,
    nearDuplicates:
      nearDuplicates === null && !/\bnear-duplicates\b/.test(method) ? null : document.nearDuplicates,
    skipped: document.skipped,
    warnings: document.warnings,
    evaluation: document.evaluation,
  };
}

export async function checkSubset({ subset }: ValidParams<'checkSubset'>): Promise<Record<string, never>> {
  const file = resolve(subset);
  await checkPicks(file, await readSubset(file));
  return {};
}
