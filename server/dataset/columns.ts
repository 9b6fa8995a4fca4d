import { ClipcovError } from '../errors.js';

/** Names of the image and caption columns that the field's tools write (formats.md), in order of preference. */
export const IMAGE_COLUMNS = [
  'filepath',
  'image',
  'file',
  'image_path',
  'file_name',
  'path',
  'img',
  'image_file',
];
export const CAPTION_COLUMNS = ['title', 'caption', 'text', 'captions', 'alt_text', 'description'];

export interface TableColumns {
  image: string;
  caption: string;
}

/** Which columns hold image and caption; the error names what was found (the separator trap). */
export function findColumns(names: string[], file: string, captions = CAPTION_COLUMNS): TableColumns {
  const image = firstOf(IMAGE_COLUMNS, names);
  const caption = firstOf(captions, names);
  if (image !== null && caption !== null) return { image, caption };
  const missing = [image === null && 'no image column', caption === null && 'no caption column'].filter(
    Boolean,
  );
  throw new ClipcovError(
    'column-missing',
    `The table has ${missing.join(' and ')}; it has: ${names.map((name) => `"${name}"`).join(', ')}.`,
    {
      where: file,
      fix: `Name them in the first line, for instance filepath and title, separated by tabs or commas (image: ${IMAGE_COLUMNS.join(', ')}; caption: ${captions.join(', ')}).`,
    },
  );
}

export function firstOf(wanted: string[], names: string[]): string | null {
  for (const column of wanted) {
    const name = names.find((candidate) => candidate.trim().toLowerCase() === column);
    if (name !== undefined) return name;
  }
  return null;
}

const SEPARATORS = ['\t', ',', ';', '|'];

/** The separator of a table from its header line: the one that yields both columns, else the most frequent. */
export function sniffSeparator(header: string): string {
  const scored = SEPARATORS.map((separator) => {
    const names = header.split(separator).map((name) => name.replaceAll('"', ''));
    const known = firstOf(IMAGE_COLUMNS, names) !== null && firstOf(CAPTION_COLUMNS, names) !== null;
    return { separator, score: (known ? 1000 : 0) + names.length };
  });
  return scored.reduce((best, candidate) => (candidate.score > best.score ? candidate : best)).separator;
}
