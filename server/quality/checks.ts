import { captionChecks } from './captionChecks.js';
import { duplicateChecks } from './duplicateChecks.js';
import { embeddingChecks } from './embeddingChecks.js';
import type { Check } from './finding.js';
import { imageChecks } from './imageChecks.js';

/** Every check of a report: an entry in one of these lists registers one. */
export const checks: readonly Check[] = [
  ...imageChecks,
  ...captionChecks,
  ...duplicateChecks,
  ...embeddingChecks,
];
