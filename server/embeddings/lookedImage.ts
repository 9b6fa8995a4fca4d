import { createHash } from 'node:crypto';
import type { CatalogueRow, KnownFile } from '../dataset/catalogue.js';
import { UNLISTED_FOLDER } from '../dataset/folder.js';
import { EMPTY_CELL } from '../dataset/parquetCells.js';
import { MISSING_IMAGE, resolveImage, type ImageRoots, type ReadableImage } from '../dataset/roots.js';
import type { PixelPlan } from './model.js';
import type { SkippedRow } from './partFiles.js';
import { decodeFailure, decodeImage } from './pictures.js';

/** What became of one row's image file. */
export interface LookedImage {
  row: CatalogueRow;
  /** Set where the image may be read. */
  file: ReadableImage | null;
  /** Content hash; '' where the file could not be read. */
  sha256: string;
  problem: SkippedRow | null;
  /** Set where the file was read in this run. */
  read: KnownFile | null;
  /** Content that was read for its hash: it need not be read again to be decoded. */
  bytes: Buffer | null;
  /** Set from decoding until the image is embedded. */
  pixels: Buffer | null;
}

const UNREADABLE = 'image file cannot be read';

/** A reason that says something of the moment, such as a drive that is not there, and not of the image. */
export function mayPass(reason: string): boolean {
  return reason === MISSING_IMAGE || reason.startsWith(UNREADABLE) || reason.startsWith(UNLISTED_FOLDER);
}

/** Finds the file of a row and hashes its content; the catalogue knows the hash where size and time are the same. */
export async function lookAt(row: CatalogueRow, roots: ImageRoots): Promise<LookedImage> {
  const looked: LookedImage = {
    row,
    file: null,
    sha256: '',
    problem: null,
    read: null,
    bytes: null,
    pixels: null,
  };
  const fail = (reason: string): LookedImage => ({
    ...looked,
    problem: { id: row.id, reason, where: row.image },
  });
  if (row.problem) return { ...looked, problem: { id: row.id, ...row.problem } };
  const file = await resolveImage(roots, row.image);
  if ('reason' in file) return fail(file.reason);
  looked.file = file;
  const { known } = row;
  if (known && known.size === file.size && known.mtimeNs === String(file.mtimeNs)) {
    looked.sha256 = known.sha256;
    return known.unusable ? fail(known.unusable) : looked;
  }
  try {
    looked.bytes = await file.read();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    return fail(
      code === EMPTY_CELL ? 'the row of the Parquet file holds no image' : `${UNREADABLE} (${code})`,
    );
  }
  looked.sha256 = sha256Of(looked.bytes);
  looked.read = {
    size: file.size,
    mtimeNs: String(file.mtimeNs),
    sha256: looked.sha256,
    unusable: null,
  };
  return looked;
}

/** Sets the pixels of an image, or its problem. */
export async function decodeLooked(looked: LookedImage, plan: PixelPlan): Promise<void> {
  const { row, sha256 } = looked;
  try {
    const bytes = looked.bytes ?? (await looked.file!.read());
    if (looked.bytes || sha256Of(bytes) === sha256) looked.pixels = await decodeImage(bytes, plan);
    else {
      looked.problem = { id: row.id, reason: 'image file changed while it was read', where: row.image };
      // No time of a file: the next run reads it again. What other rows hold is not known by this one.
      looked.read = { size: bytes.length, mtimeNs: '', sha256, unusable: null };
      looked.sha256 = '';
    }
  } catch (error) {
    looked.problem = { id: row.id, reason: decodeFailure(error), where: row.image };
  }
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
