import type { ClassChoice, DeviceChoice, Weights } from '../../server/protocol/contract.js';
import type { FormMethod } from './formModel.js';

export const METHODS: readonly (readonly [FormMethod, string])[] = [
  ['clipcov', 'ClipCov'],
  ['clipcov-pruned', 'ClipCov, pruned'],
  ['clipcov-notebook', 'ClipCov notebook'],
  ['clip-score', 'CLIP score'],
  ['semdedup', 'SemDeDup'],
  ['semdedup-released', 'SemDeDup, released code'],
  ['neg-clip-loss', 'Negative CLIP loss'],
  ['norm-sim', 'NormSim'],
  ['c-rho', 'C-RHO'],
  ['skmm', 'Moment matching'],
  ['random', 'Random'],
  ['steps', 'Steps…'],
];
export const METHOD_HINTS: Record<FormMethod, string> = {
  clipcov: 'Keeps the cross-covariance',
  'clipcov-pruned': 'Leaves out picks that cost more than they bring',
  'clipcov-notebook': 'Follows the authors’ released notebook',
  'clip-score': 'Takes the best matching pairs',
  semdedup: 'Keeps one of each group of like images',
  'semdedup-released': 'Skips images like a less typical one',
  'neg-clip-loss': 'Takes pairs that match each other alone',
  'norm-sim': 'Takes images like those of a target set, asked for at the start',
  'c-rho': 'Takes pairs learnt since an early model, asked for at the start',
  skmm: 'Matches second moments in a sketch',
  random: 'Takes any pairs, as a baseline',
  steps: 'Filters and methods one after another',
};
export const CLASSES: readonly (readonly [ClassChoice, string])[] = [
  ['auto', 'Automatic'],
  ['imagenet-1k', 'ImageNet-1k'],
  ['file', 'From a file…'],
  ['k-means', 'k-means'],
];
export const CLASS_HINTS: Record<ClassChoice, string> = {
  auto: 'The model’s names, or k-means where it has none',
  'imagenet-1k': '1,000 names and their prompts, as the model embeds them',
  file: 'Names, one a line, or embeddings; asked for at the start',
  'k-means': 'Groups of like images, by the seed',
};
export const DEVICES: readonly (readonly [DeviceChoice, string])[] = [
  ['auto', 'Automatic'],
  ['cpu', 'CPU'],
  ['cuda', 'CUDA'],
  ['webgpu', 'WebGPU'],
  ['dml', 'DirectML'],
  ['coreml', 'Core ML'],
];
export const WEIGHTS: readonly (readonly [keyof Weights, string, string])[] = [
  ['cross', 'Cross', 'Stands for the cross-covariance of its class'],
  ['self', 'Self', 'Agreement of image and caption'],
  ['label', 'Label', 'Agreement of caption and class'],
  ['inter', 'Inter', 'Confusion with other classes'],
  ['redundancy', 'Redundancy λ', 'Similarity among the picks'],
  ['balance', 'Balance β', 'Evens out the classes'],
];
