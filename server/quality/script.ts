const SCRIPTS = [
  ...[
    'Latin',
    'Han',
    'Cyrillic',
    'Arabic',
    'Hiragana',
    'Katakana',
    'Hangul',
    'Devanagari',
    'Greek',
    'Hebrew',
  ],
  ...[
    'Thai',
    'Bengali',
    'Tamil',
    'Telugu',
    'Georgian',
    'Armenian',
    'Ethiopic',
    'Khmer',
    'Gujarati',
    'Kannada',
  ],
].map((name) => ({ name, sign: new RegExp(`\\p{Script=${name}}`, 'u') }));
const LETTER = /\p{L}/u;
const KANA = ['Hiragana', 'Katakana'];
/** The beginning says which script; the text of a page need not be read. */
const SIGNS = 1000;

/**
 * The Unicode script that most letters of a text are of, `other` for a rare one, null for a text without letters. Japanese is
 * written in three scripts: with any kana, a text of Han or kana is `Japanese`.
 */
export function scriptOf(text: string): string | null {
  const start = text.slice(0, SIGNS);
  if (/[a-z]/i.test(start) && !/[^\0-\x7f]/.test(start)) return 'Latin';
  const counts = new Map<string, number>();
  for (const sign of start) {
    if (!LETTER.test(sign)) continue;
    const name = SCRIPTS.find((one) => one.sign.test(sign))?.name ?? 'other';
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const [first] = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  if (!first) return null;
  const isEastAsian = first[0] === 'Han' || KANA.includes(first[0]);
  return isEastAsian && KANA.some((name) => counts.has(name)) ? 'Japanese' : first[0];
}
