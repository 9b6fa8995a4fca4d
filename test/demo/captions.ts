/** The words of the demonstration data: right captions, reworded ones, and those that say nothing. */
import { integer, oneOf, type Random } from './random.js';

const REWORDINGS: readonly ((caption: string) => string)[] = [
  (caption) => `icon of ${caption}`,
  (caption) => `${caption} symbol`,
  (caption) => `${caption} pictogram`,
  (caption) => `a small ${caption} sign`,
  (caption) => `${caption}, flat icon`,
  (caption) => `drawing of ${caption}`,
];

/** Commas, quotes and letters beyond ASCII are meant: a table's reader has to cope with them. */
const BOILERPLATE: readonly ((random: Random) => string)[] = [
  () => 'image',
  () => 'untitled',
  () => 'click to enlarge',
  () => 'stock vector icon download',
  () => 'photo',
  () => 'royalty free, high resolution',
  () => 'Free download "best price" offer',
  () => 'see more at our shop',
  () => 'thumbnail',
  () => 'Télécharger l’image',
  (random) => `IMG_${integer(random, 1000, 9999)}.jpg`,
  (random) => `DSC0${integer(random, 1000, 9999)}.JPG`,
  (random) =>
    `Screenshot ${integer(random, 2012, 2023)}-0${integer(random, 1, 9)}-${integer(random, 10, 28)}`,
  (random) => `© ${integer(random, 2009, 2023)} All rights reserved`,
  (random) => `image ${integer(random, 2, 40)} of ${integer(random, 41, 90)}`,
  (random) => `picture ${integer(random, 1, 999)}`,
];

export function reworded(caption: string, random: Random): string {
  return oneOf(random, REWORDINGS)(caption);
}

export function boilerplate(random: Random): string {
  return oneOf(random, BOILERPLATE)(random);
}

/** A caption out of `captions` that shares no word with the picture's own. */
export function mismatched(own: string, captions: readonly string[], random: Random): string {
  const words = new Set(own.split(' '));
  for (let attempt = 0; attempt < 1000; attempt += 1) {
    const other = oneOf(random, captions);
    if (!other.split(' ').some((word) => words.has(word))) return other;
  }
  throw new Error(`no caption differs from ‘${own}’ in every word`);
}

/** Quoted where a comma, a quote or a line break asks for it (RFC 4180). */
export function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
