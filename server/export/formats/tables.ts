import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import { isInsideFile } from '../../dataset/roots.js';
import type { StoredPick } from '../picks.js';
import { shellWord } from '../shell.js';

/** Where a table's image paths start from and lead to. */
export interface TablePlace {
  /** Absolute folder that relative image paths start from; null for a bare store. */
  imageRoot: string | null;
  /** Absolute path of the file to be written. */
  out: string;
}

/** A text file with a line a pick. */
export interface TableFormat {
  /** Whether each pick must have a caption and the path of an image file. */
  needsPairs: boolean;
  header(): string;
  rows(picks: StoredPick[], target: TablePlace): string;
  /** Ready-to-paste training command, or null. */
  command(out: string, rows: number): string | null;
  /** What the consumer will read differently from what is written, or null. */
  warning(picks: StoredPick[]): string | null;
}

/** Captions that pandas reads as a missing value (its default `na_values`). */
const PANDAS_MISSING = new Set(
  '|#N/A|#N/A N/A|#NA|-1.#IND|-1.#QNAN|-NaN|-nan|1.#IND|1.#QNAN|<NA>|N/A|NA|NULL|NaN|None|n/a|nan|null'.split(
    '|',
  ),
);

const openclip: TableFormat = {
  needsPairs: true,
  header: () => stringify([['filepath', 'title']], { delimiter: '\t' }),
  // OpenCLIP resolves relative paths against its working directory, so they are absolute.
  rows: (picks, target) =>
    stringify(
      picks.map((pick) => [imageFile(pick, target), oneLine(pick.caption)]),
      { delimiter: '\t' },
    ),
  command: (out) =>
    `python -m open_clip_train.main --train-data ${shellWord(out)} --dataset-type csv ` +
    `--csv-separator $'\\t' --csv-img-key filepath --csv-caption-key title --model ViT-B-32 --batch-size 256 --epochs 32`,
  warning: pandasWarning,
};

const cyclip: TableFormat = {
  needsPairs: true,
  header: () => stringify([['file', 'caption']]),
  rows: (picks, target) =>
    stringify(
      picks.map((pick) => [
        relative(dirname(target.out), imageFile(pick, target)!).split(sep).join('/'),
        oneLine(pick.caption),
      ]),
    ),
  command: (out) =>
    `python -m src.main --name clipcov-subset --train_data ${shellWord(out)} --image_key file --caption_key caption ` +
    `--device_ids 0 --distributed`,
  warning: pandasWarning,
};

const jsonl: TableFormat = {
  needsPairs: false,
  header: () => '',
  rows: (picks) =>
    picks
      .map((pick) => {
        const { id, rank, gain, latentClass, clipScore, image, caption } = pick;
        const record = {
          id,
          image_path: image,
          caption,
          rank,
          gain,
          latent_class: latentClass,
          clip_score: clipScore,
          ...(pick.uid !== null && { uid: pick.uid }),
        };
        return `${JSON.stringify(record)}\n`;
      })
      .join(''),
  command: () => null,
  warning: () => null,
};

const text: TableFormat = {
  needsPairs: false,
  header: () => '',
  // One line a pick: its image, or its id where the store names no images.
  rows: (picks, target) =>
    picks
      .map((pick) => `${pick.image === null ? pick.id : (imageFile(pick, target) ?? pick.image)}\n`)
      .join(''),
  command: () => null,
  warning: (picks) =>
    picks.some((pick) => pick.image?.includes('\n'))
      ? 'Some image paths hold a line break: their lines are split.'
      : null,
};

export const tables = { 'openclip-csv': openclip, 'cyclip-csv': cyclip, jsonl, text };

/**
 * Absolute path of a pick's image; null where it is no file of its own: inside an archive, or named by a bare store by
 * something else, such as the key of a tar.
 */
export function imageFile({ image }: StoredPick, { imageRoot }: TablePlace): string | null {
  if (image === null || isInsideFile(image) || (imageRoot === null && !isAbsolute(image))) return null;
  return imageRoot === null ? image : resolve(imageRoot, image);
}

/** Tokenizers read a line break as a blank; readers that split lines before parsing do not survive it. */
function oneLine(caption: string | null): string {
  return (caption ?? '').replaceAll(/\s*[\r\n]+\s*/g, ' ');
}

function pandasWarning(picks: StoredPick[]): string | null {
  const missing = picks.filter((pick) => PANDAS_MISSING.has((pick.caption ?? '').trim()));
  if (missing.length === 0) return null;
  const examples = missing.slice(0, 3).map((pick) => `${pick.caption} (id ${pick.id})`);
  return (
    `Captions such as ${examples.join(', ')} are read by pandas as missing values: ` +
    `leave those rows out, or load the table with keep_default_na=False.`
  );
}
