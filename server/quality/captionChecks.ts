import type { Check } from './finding.js';

/** Far beyond what describes one image: mostly the text of a page. */
const LONG_WORDS = 200;

export const captionChecks: Check[] = [
  {
    id: 'truncated',
    dimension: 'completeness',
    title: 'Caption over the model’s token limit',
    why: 'The model reads its beginning alone, so the embedding does not stand for the whole.',
    severity: 'doubt',
    pair: ({ tokens, contextLength }) => tokens > contextLength,
  },
  {
    id: 'long-caption',
    dimension: 'correctness',
    title: `Caption of more than ${LONG_WORDS} words`,
    why: 'Mostly the text of a page and no description of the image.',
    severity: 'doubt',
    pair: ({ caption }) => caption.length > 2 * LONG_WORDS && caption.trim().split(/\s+/).length > LONG_WORDS,
  },
  {
    id: 'no-letters',
    dimension: 'correctness',
    title: 'Caption without a letter',
    why: 'Digits and signs alone describe no image.',
    severity: 'problem',
    pair: ({ script }) => script === null,
  },
  {
    id: 'other-script',
    dimension: 'consistency',
    title: 'Caption in another script than most',
    why: 'The text tower may not know its language. The Unicode script is told, not the language.',
    severity: 'doubt',
    contents: `SELECT id FROM contents WHERE script IS NOT NULL AND script <> (
      SELECT script FROM contents WHERE script IS NOT NULL GROUP BY script ORDER BY count(*) DESC, script LIMIT 1)`,
  },
];
