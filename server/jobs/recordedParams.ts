import { dirname, resolve } from 'node:path';
import type { SubsetDocument } from '../export/subsetDocument.js';
import type { ValidParams } from '../protocol/contract.js';
import type { ChoiceParams } from './choose.js';
import { recordedHoldout } from './recordedGround.js';

/** The parameters that a document records, as a selection takes them. */
export function recordedChoice(file: string, { parameters }: SubsetDocument): ChoiceParams {
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

/** All that a document records, as `select` takes it; who asks for it says where the pairs lie. */
export function recordedSelection(
  file: string,
  document: SubsetDocument,
): Omit<ValidParams<'select'>, 'source' | 'device' | 'memory' | 'approvedRoots' | 'evaluate'> {
  const { classes, parameters } = document;
  const { excludeFindings = [], ...choice } = recordedChoice(file, document);
  const holdout = recordedHoldout(file, document);
  return {
    ...choice,
    excludeFindings,
    budget: parameters.budget,
    ...(parameters.embeddings !== null && { embeddings: parameters.embeddings }),
    ...(holdout !== undefined && { holdout }),
    ...(classes.kind === 'bundled' && { classes: classes.name }),
    ...(classes.kind === 'names' && { classes: resolve(dirname(file), classes.file) }),
    ...(classes.kind === 'embeddings' && { classEmbeddings: resolve(dirname(file), classes.file) }),
    ...(classes.kind === 'k-means' && { kmeans: classes.count }),
  };
}
