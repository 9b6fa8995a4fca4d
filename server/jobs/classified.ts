import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { writeAside } from '../embeddings/aside.js';
import { forgetOldest } from '../embeddings/keptFiles.js';
import type { EmbeddingStore } from '../embeddings/store.js';
import type { ClassSums } from '../selection/crossCovariance.js';
import type { ClassSource, NamedClasses } from './classSource.js';

/** What one pass over a store under some classes finds: all that a selection, evaluation or explanation starts from. */
export interface Classified {
  /** 1/‖row‖ or 0, [rows] each */
  imageScale: Float64Array;
  textScale: Float64Array;
  /** k(i), [rows] */
  labels: Int32Array;
  exactDuplicates: Int32Array;
  sums: ClassSums;
  /** Over all values of the store. */
  checksum: string;
}

const MAGIC = 'CLIPCOV classified 2\n';
/** So many are kept, 20 bytes a pair each. */
const KEPT = 4;
/** Sums of a great many classes are not worth their disk. */
const LARGEST_SUMS = 2 ** 28;
const EXTENSION = '.classified';

const headerSchema = z.object({
  rows: z.number().int().positive(),
  dim: z.number().int().positive(),
  classes: z.number().int().positive(),
  duplicates: z.number().int().nonnegative(),
  checksum: z.string(),
  /** Of the rest of the header and all that follows it. */
  crc32: z.number().int(),
});
type Header = z.output<typeof headerSchema>;

/** What such a pass starts from. */
interface ClassifiedFrom {
  store: EmbeddingStore;
  source: ClassSource;
  named: NamedClasses | null;
  /** Rows that are no candidates. */
  heldOut: Int32Array;
}

/**
 * Where the result of that pass is kept. The name depends on the classes, the rows held out and every file of the store by its name,
 * length and time of change: whatever changes there, another pass is made. Nothing else depends on this file, so it may
 * be removed at any time.
 */
export function classifiedFile(home: string, { store, source, named, heldOut }: ClassifiedFrom): string {
  const hash = createHash('sha256').update(`${MAGIC}${store.rows}x${store.dim}\n`);
  for (const { images, texts, metadata } of store.parts)
    for (const file of [images.file, texts.file, metadata]) {
      if (file === null) continue;
      const { size, mtimeNs } = statSync(file, { bigint: true });
      hash.update(`${basename(file)} ${size} ${mtimeNs}\n`);
    }
  if (named) {
    const { buffer, byteOffset, byteLength } = named.embeddings;
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  } else hash.update(JSON.stringify(source));
  hash
    .update(`held out ${heldOut.length}\n`)
    .update(new Uint8Array(heldOut.buffer, heldOut.byteOffset, heldOut.byteLength));
  return join(home, 'classified', `${hash.digest('hex').slice(0, 32)}${EXTENSION}`);
}

/** What was kept, or null where nothing was or it is damaged. */
export function readClassified(file: string, { rows, dim }: EmbeddingStore): Classified | null {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch {
    return null;
  }
  const header = readHeader(bytes);
  if (header?.rows !== rows || header.dim !== dim) return null;
  const body = bytes.subarray(headerBytes(bytes));
  const { lengths, total } = layout(header);
  if (body.length !== total || checksum(header, body) !== header.crc32) return null;
  // Copied, as numbers may only be read where they are aligned.
  const copy = body.buffer.slice(body.byteOffset, body.byteOffset + total);
  let at = 0;
  const take = <T>(
    make: (buffer: ArrayBufferLike, at: number, length: number) => T,
    i: number,
    size: number,
  ): T => {
    const taken = make(copy, at, lengths[i]!);
    at += lengths[i]! * size;
    return taken;
  };
  const floats = (i: number): Float64Array => take((...given) => new Float64Array(...given), i, 8);
  const integers = (i: number): Int32Array => take((...given) => new Int32Array(...given), i, 4);
  const [imageScale, textScale, images, texts] = [floats(0), floats(1), floats(2), floats(3)];
  const [labels, counts, exactDuplicates] = [integers(4), integers(5), integers(6)];
  const { classes } = header;
  return {
    imageScale,
    textScale,
    labels,
    exactDuplicates,
    checksum: header.checksum,
    sums: { classes, dim, counts, images, texts },
  };
}

/** Keeps a result for the next run. Not being able to costs that run time and nothing else. */
export async function keepClassified(
  file: string,
  found: Classified,
  makeHome: () => Promise<void>,
): Promise<void> {
  const { sums } = found;
  if (sums.images.byteLength + sums.texts.byteLength > LARGEST_SUMS) return;
  const arrays = [found.imageScale, found.textScale, sums.images, sums.texts];
  const body = Buffer.concat(
    [...arrays, found.labels, sums.counts, found.exactDuplicates].map(
      ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
    ),
  );
  const header: Omit<Header, 'crc32'> = {
    rows: found.labels.length,
    dim: sums.dim,
    classes: sums.classes,
    duplicates: found.exactDuplicates.length,
    checksum: found.checksum,
  };
  const whole: Header = { ...header, crc32: checksum(header, body) };
  const head = Buffer.from(`${MAGIC}${JSON.stringify(whole)}\n`);
  try {
    await makeHome();
    await writeAside(file, Buffer.concat([head, body]));
    await forgetOldest(dirname(file), EXTENSION, KEPT);
  } catch {
    // A store that cannot be written to is read again next time.
  }
}

/** Numbers of each array in the order they are written, floats first, and bytes of all. */
function layout({ rows, dim, classes, duplicates }: Header): { lengths: number[]; total: number } {
  const lengths = [rows, rows, classes * dim, classes * dim, rows, classes, duplicates];
  return { lengths, total: lengths.reduce((sum, length, i) => sum + length * (i < 4 ? 8 : 4), 0) };
}

function checksum(
  { rows, dim, classes, duplicates, checksum: ofStore }: Omit<Header, 'crc32'>,
  body: Buffer,
): number {
  return crc32(body, crc32(JSON.stringify([rows, dim, classes, duplicates, ofStore])));
}

function headerBytes(bytes: Buffer): number {
  return bytes.indexOf('\n', MAGIC.length) + 1;
}

function readHeader(bytes: Buffer): Header | null {
  if (bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) return null;
  try {
    return headerSchema.parse(JSON.parse(bytes.toString('utf8', MAGIC.length, headerBytes(bytes))));
  } catch {
    return null;
  }
}
