import type { CatalogueRow } from '../dataset/catalogue.js';
import { halfToFloat, narrowFloats } from '../rows/float16.js';
import type { LookedImage } from './lookedImage.js';
import type { PartPaths, PartRow, SkippedRow } from './partFiles.js';

/** A pair just embedded, for a preview. */
export interface EmbeddedSample {
  id: number;
  caption: string;
  readImage(): Promise<Buffer>;
  image: Float32Array;
  text: Float32Array;
}

/** A part from the first row that is looked at to the last. */
export interface PartInWork {
  rows: CatalogueRow[];
  paths: PartPaths;
  /** What an earlier run left of it. Where there is nothing, every row is decoded as soon as it is read. */
  stored: { rows: PartRow[]; skipped: SkippedRow[] } | null;
  /** In the order of the rows. */
  looked: LookedImage[];
  /** Contents that are decoded or found already. */
  claimed: Set<string>;
  /** Settles when every row that was begun has claimed its content. */
  claims: Promise<void>;
  /** Half-precision rows by content hash, and by caption. */
  images: Map<string, Uint16Array>;
  texts: Map<string, Uint16Array>;
  /** What its rows were computed on, in this run or earlier. */
  devices: Set<string>;
  /** Decoded, and not yet embedded. */
  batch: LookedImage[];
  /** Looked-at rows from which a preview was made. */
  shown: number;
}

/** Whether no row before had this content. */
export function claim({ claimed }: PartInWork, { sha256 }: LookedImage): boolean {
  return !claimed.has(sha256) && Boolean(claimed.add(sha256));
}

/** Rows [rows, dim] of float32, each in half precision. */
export function halves(values: Float32Array, dim: number): Uint16Array[] {
  return Array.from({ length: values.length / dim }, (_, i) => {
    const row = new Uint16Array(dim);
    narrowFloats(values.subarray(i * dim, (i + 1) * dim), row);
    return row;
  });
}

/** Of equal images one was decoded; what is wrong with it is wrong with all. */
export function blameEqualImages(looked: LookedImage[]): void {
  const reasons = new Map<string, string>();
  for (const { sha256, problem } of looked) if (sha256 && problem) reasons.set(sha256, problem.reason);
  for (const one of looked) {
    const reason = reasons.get(one.sha256);
    if (reason === undefined) continue;
    one.problem ??= { id: one.row.id, reason, where: one.row.image };
    if (one.read && one.read.mtimeNs !== '') one.read.unusable = reason;
  }
}

export function joinRows(
  usable: LookedImage[],
  dim: number,
  rowOf: (looked: LookedImage) => Uint16Array,
): Uint16Array {
  const rows = new Uint16Array(usable.length * dim);
  usable.forEach((looked, i) => rows.set(rowOf(looked), i * dim));
  return rows;
}

export function sampleOf({ row, file, sha256 }: LookedImage, part: PartInWork, dim: number): EmbeddedSample {
  const [image, text] = [new Float32Array(dim), new Float32Array(dim)];
  halfToFloat(part.images.get(sha256)!, image);
  halfToFloat(part.texts.get(row.caption)!, text);
  return { id: row.id, caption: row.caption, readImage: () => file!.read(), image, text };
}

/** Whether a finished part still is what the dataset asks for: the same rows, contents and left-out rows. */
export function matches(stored: PartRow[], skipped: SkippedRow[], looked: LookedImage[]): boolean {
  const rows = new Map(stored.map((row) => [row.id, row]));
  const out = new Map(skipped.map((row) => [row.id, row]));
  if (rows.size + out.size !== looked.length) return false;
  return looked.every(({ row, problem, sha256 }) => {
    if (problem) {
      const known = out.get(row.id);
      return known?.reason === problem.reason && known.where === problem.where;
    }
    const known = rows.get(row.id);
    return (
      known?.image_path === row.image &&
      known.caption === row.caption &&
      known.uid === row.uid &&
      known.image_sha256 === sha256
    );
  });
}
