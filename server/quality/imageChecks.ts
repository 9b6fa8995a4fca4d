import type { Check } from './finding.js';

/** An image of fewer pixels on its shorter edge shows nothing that a caption could describe. */
const TINY_EDGE = 32;
/** Of a wider image, the centre crop of CLIP sees less than a third. */
const LONGEST_ASPECT = 3;
/** Standard deviation, of 255, that noise of a camera or of JPEG stays below. */
const BLANK_DEVIATION = 4;

const aspect = (width: number, height: number): number => Math.max(width, height) / Math.min(width, height);
const isAboutCaption = (reason: string): boolean => reason.startsWith('caption');

export const imageChecks: Check[] = [
  {
    id: 'unreadable',
    dimension: 'completeness',
    title: 'Image that cannot be used',
    why: 'The image is missing, damaged, or of no supported format; the pair was not embedded and is never picked.',
    severity: 'problem',
    skipped: (reason) => !isAboutCaption(reason),
  },
  {
    id: 'empty-caption',
    dimension: 'completeness',
    title: 'Empty or missing caption',
    why: 'There is nothing to match the image with; the pair was not embedded and is never picked.',
    severity: 'problem',
    skipped: isAboutCaption,
  },
  {
    id: 'tiny',
    dimension: 'correctness',
    title: `Image under ${TINY_EDGE} pixels`,
    why: 'It is enlarged to the model’s size, and shows blur: often a tracking pixel or an icon of a page.',
    severity: 'problem',
    pair: ({ width, height }) => Math.min(width, height) < TINY_EDGE,
  },
  {
    id: 'odd-aspect',
    dimension: 'correctness',
    title: `Image more than ${LONGEST_ASPECT} times as long as wide`,
    why: 'The centre crop cuts most of it away: often a banner or a separator.',
    severity: 'doubt',
    pair: ({ width, height }) => aspect(width, height) > LONGEST_ASPECT,
  },
  {
    id: 'blank',
    dimension: 'correctness',
    title: 'Blank or nearly uniform image',
    why: 'It shows one colour; its embedding says nothing of the caption.',
    severity: 'problem',
    pair: ({ deviation }) => deviation < BLANK_DEVIATION,
  },
];
