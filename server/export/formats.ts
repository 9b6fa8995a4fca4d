import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import type { ExportFormat } from '../protocol/contract.js';
import type { StoredPick } from './picks.js';

/** What a target's writer is told of the subset and of where its file will lie. */
export interface ExportTarget {
  /** Absolute folder that relative image paths start from; null for a bare store. */
  imageRoot: string | null;
  /** Absolute path of the file to be written. */
  out: string;
}

/** A file format a subset is exported to (formats.md, "Out"). */
export interface Exporter {
  /** Whether each pick must have a caption and the path of an image file. */
  needsPairs: boolean;
  header(): string;
  rows(picks: StoredPick[], target: ExportTarget): string;
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

const openclip: Exporter = {
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

const cyclip: Exporter = {
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

const jsonl: Exporter = {
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
        };
        return `${JSON.stringify(record)}\n`;
      })
      .join(''),
  command: () => null,
  warning: () => null,
};

const text: Exporter = {
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

export const exporters: Record<ExportFormat, Exporter> = {
  'openclip-csv': openclip,
  'cyclip-csv': cyclip,
  jsonl,
  text,
};

/** Absolute path of a pick's image; null where a bare store names it by something else, such as the key of a tar. */
export function imageFile({ image }: StoredPick, { imageRoot }: ExportTarget): string | null {
  if (image === null || (imageRoot === null && !isAbsolute(image))) return null;
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

/** A path as one word of a POSIX shell. */
function shellWord(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
