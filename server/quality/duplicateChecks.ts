import type { Check } from './finding.js';

/** So many different images under the same words, and the words describe none of them. */
const BOILERPLATE_IMAGES = 10;

/** Later rows that repeat an earlier one in these columns. */
const repeats = (columns: string): string =>
  `SELECT id FROM contents QUALIFY row_number() OVER (PARTITION BY ${columns} ORDER BY id) > 1`;

export const duplicateChecks: Check[] = [
  {
    id: 'boilerplate',
    dimension: 'consistency',
    title: `The same words for ${BOILERPLATE_IMAGES} images or more`,
    why: 'But for case, spaces and numbers the caption is that of many images, as of a camera or a template.',
    severity: 'doubt',
    contents: `WITH worded AS (
        SELECT id, image, regexp_replace(regexp_replace(lower(trim(caption)), '[0-9]+', '0', 'g'), '\\s+', ' ', 'g') AS words
        FROM contents)
      SELECT id FROM worded WHERE words IN (
        SELECT words FROM worded GROUP BY words HAVING count(DISTINCT image) >= ${BOILERPLATE_IMAGES})`,
  },
  {
    id: 'duplicate-pair',
    dimension: 'uniqueness',
    title: 'Same image and caption as an earlier pair',
    why: 'Selection leaves exact duplicates out anyway; in the whole dataset they count twice.',
    severity: 'problem',
    contents: repeats('image, caption'),
  },
  {
    id: 'duplicate-image',
    dimension: 'uniqueness',
    title: 'Same image as an earlier pair',
    why: 'The bytes are equal; captions may differ, and then may contradict each other.',
    severity: 'doubt',
    contents: repeats('image'),
  },
  {
    id: 'duplicate-caption',
    dimension: 'uniqueness',
    title: 'Same caption as an earlier pair',
    why: 'In one batch of training, equal captions are each other’s false negatives.',
    severity: 'note',
    contents: repeats('caption'),
  },
];
