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

/** Names that the columns may have, in order of preference. */
export interface WantedColumns {
  image: readonly string[];
  caption: readonly string[];
  /** Set where somebody has named them, so that no other will do. */
  chosen?: TableColumns;
}

export const USUAL_COLUMNS: WantedColumns = { image: IMAGE_COLUMNS, caption: CAPTION_COLUMNS };

/** The columns that somebody has named, and no others; the usual ones where nobody has. */
export function wantedColumns(chosen: TableColumns | null): WantedColumns {
  return chosen ? { image: [chosen.image], caption: [chosen.caption], chosen } : USUAL_COLUMNS;
}

const HOW_TO_CHOOSE =
  'Say which they are (--image-column NAME --caption-column NAME, “Choose Columns…” in the form of the editor), or name them';

/** Which columns hold image and caption; the error names what was found (the separator trap). */
export function findColumns(names: string[], file: string, wanted = USUAL_COLUMNS): TableColumns {
  const image = firstOf(wanted.image, names);
  const caption = firstOf(wanted.caption, names);
  if (image !== null && caption !== null) return { image, caption };
  if (wanted.chosen) throw notThere(names, file, wanted.chosen);
  const missing = [image === null && 'no image column', caption === null && 'no caption column'].filter(
    Boolean,
  );
  throw new ClipcovError(
    'column-missing',
    `The table has ${missing.join(' and ')}; it has: ${names.map((name) => `"${name}"`).join(', ')}.`,
    {
      where: file,
      fix: `${wanted === USUAL_COLUMNS ? HOW_TO_CHOOSE : 'Name them'} in the first line, separated by tabs or commas (image: ${wanted.image.join(', ')}; caption: ${wanted.caption.join(', ')}).`,
    },
  );
}

/** What was chosen is not what the table has, or no longer. */
export function notThere(names: string[], file: string, { image, caption }: TableColumns): ClipcovError {
  return new ClipcovError(
    'column-missing',
    `The columns "${image}" and "${caption}" that were chosen for image and caption are not both there, or hold neither; those that could are: ${names.map((name) => `"${name}"`).join(', ')}.`,
    {
      where: file,
      fix: 'Choose others: --image-column NAME --caption-column NAME, or “Choose Columns…” in the form of the editor.',
    },
  );
}

export function firstOf(wanted: readonly string[], names: string[]): string | null {
  for (const column of wanted) {
    const plain = column.trim().toLowerCase();
    const name =
      names.find((candidate) => candidate === column) ??
      names.find((candidate) => candidate.trim().toLowerCase() === plain);
    if (name !== undefined) return name;
  }
  return null;
}

const SEPARATORS = ['\t', ',', ';', '|'];

/** The separator of a table from its header line: the one that yields both columns, else the most frequent. */
export function sniffSeparator(header: string): string {
  // What stands in quotes separates nothing.
  const plain = header.replace(/"(?:[^"]|"")*"/g, (quoted) => quoted.replace(/[\t,;|]/g, ' '));
  const scored = SEPARATORS.map((separator) => {
    const names = plain.split(separator).map((name) => name.replaceAll('"', ''));
    const known = firstOf(IMAGE_COLUMNS, names) !== null && firstOf(CAPTION_COLUMNS, names) !== null;
    return { separator, score: (known ? 1000 : 0) + names.length };
  });
  return scored.reduce((best, candidate) => (candidate.score > best.score ? candidate : best)).separator;
}
