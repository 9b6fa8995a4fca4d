import type { DeviceChoice } from '../../server/protocol/fields.js';
import type { ClassChoice } from '../../server/protocol/panelMessages.js';
import type { Weights } from '../../server/protocol/selection.js';
import { t } from '../text/l10n.js';
import type { FormMethod } from './formModel.js';

export const METHODS: readonly (readonly [FormMethod, string])[] = [
  ['clipcov', 'ClipCov'],
  ['clipcov-pruned', t('ClipCov, pruned')],
  ['clipcov-notebook', t('ClipCov notebook')],
  ['clip-score', t('CLIP score')],
  ['semdedup', 'SemDeDup'],
  ['semdedup-released', t('SemDeDup, released code')],
  ['neg-clip-loss', t('Negative CLIP loss')],
  ['norm-sim', 'NormSim'],
  ['c-rho', 'C-RHO'],
  ['skmm', t('Moment matching')],
  ['random', t('Random')],
  ['steps', t('Steps…')],
];
/** Tables, file names and the command line call a method by its short name. */
export function methodHint(method: FormMethod): string {
  return method === 'steps' ? HINTS[method] : `${method} · ${HINTS[method]}`;
}

const HINTS: Record<FormMethod, string> = {
  clipcov: t('Keeps the cross-covariance'),
  'clipcov-pruned': t('Leaves out picks that cost more than they bring'),
  'clipcov-notebook': t('Follows the authors’ released notebook'),
  'clip-score': t('Takes the best matching pairs'),
  semdedup: t('Keeps one of each group of like images'),
  'semdedup-released': t('Skips images like a less typical one'),
  'neg-clip-loss': t('Takes pairs that match each other alone'),
  'norm-sim': t('Takes images like those of a target set, asked for at the start'),
  'c-rho': t('Takes pairs learnt since an early model, asked for at the start'),
  skmm: t('Matches second moments in a sketch'),
  random: t('Takes any pairs, as a baseline'),
  steps: t('Filters and methods one after another'),
};
export const CLASSES: readonly (readonly [ClassChoice, string])[] = [
  ['auto', t('Automatic')],
  ['imagenet-1k', 'ImageNet-1k'],
  ['file', t('From a file…')],
  ['k-means', 'k-means'],
];
export const CLASS_HINTS: Record<ClassChoice, string> = {
  auto: t('The model’s names, or k-means where it has none'),
  'imagenet-1k': t('1,000 names and their prompts, as the model embeds them'),
  file: t('Names, one a line, or embeddings; asked for at the start'),
  'k-means': t('Groups of like images, by the seed'),
};
export const DEVICES: readonly (readonly [DeviceChoice, string])[] = [
  ['auto', t('Automatic')],
  ['cpu', 'CPU'],
  ['cuda', 'CUDA'],
  ['webgpu', 'WebGPU'],
  ['dml', 'DirectML'],
  ['coreml', 'Core ML'],
];
export const WEIGHTS: readonly (readonly [keyof Weights, string, string])[] = [
  ['cross', t('Cross'), t('Stands for the cross-covariance of its class')],
  ['self', t('Self'), t('Agreement of image and caption')],
  ['label', t('Label'), t('Agreement of caption and class')],
  ['inter', t('Inter'), t('Confusion with other classes')],
  ['redundancy', t('Redundancy λ'), t('Similarity among the picks')],
  ['balance', t('Balance β'), t('Evens out the classes')],
];
