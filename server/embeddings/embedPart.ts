import { createHash } from 'node:crypto';
import type { Catalogue, CatalogueRow, KnownFile } from '../dataset/catalogue.js';
import type { Database } from '../dataset/database.js';
import { MISSING_IMAGE, resolveImage, type ImageRoots, type ReadableImage } from '../dataset/roots.js';
import { throwIfCancelled, type JobContext } from '../context.js';
import { encodeCaptions } from './classEmbeddings.js';
import type { Encoder } from './encoder.js';
import { floatToHalf, halfToFloat } from '../rows/float16.js';
import type { ProxyModel } from './model.js';
import { mapAhead } from './parallel.js';
import { readPart, writePart, type PartPaths, type PartRow, type SkippedRow } from './partFiles.js';
import { decodeFailure, decodeImage } from './pixels.js';
import type { KnownEmbeddings } from './reuse.js';

/** Images of a batch, and of a large model fewer: nothing stops a batch that has begun. */
const IMAGE_BATCH = 16;
/** An image tower of this size takes less than a second for a batch on a few cores. */
const LIGHT_BYTES = 400 * 2 ** 20;
/** Images read and decoded ahead: the next batch is ready when the encoder is. */
const AHEAD = 3 * IMAGE_BATCH;
/** Rows whose images and then captions are embedded before the next ones: what a preview waits for. */
const SLICE_ROWS = 256;
/** Pairs of each slice that are shown. */
const SAMPLE = 12;

/** A pair just embedded, for a preview. */
export interface EmbeddedSample {
  id: number;
  caption: string;
  readImage(): Promise<Buffer>;
  image: Float32Array;
  text: Float32Array;
}

interface PartTools {
  model: ProxyModel;
  encoder: () => Promise<Encoder>;
  catalogue: Catalogue;
  database: Database;
  known: KnownEmbeddings;
  roots: ImageRoots;
  context: Pick<JobContext, 'cancelled'>;
  onSample: (sample: EmbeddedSample[]) => Promise<void>;
}

/** What became of one row's image file. */
interface SeenImage {
  row: CatalogueRow;
  /** Set where the image may be read. */
  file: ReadableImage | null;
  /** Content hash; '' where the file could not be read. */
  sha256: string;
  problem: SkippedRow | null;
  /** Set where the file was read in this run. */
  read: KnownFile | null;
  pixels: Buffer | null;
}

/** Makes one part of a store; keeps count of what had to be encoded. */
export class PartEmbedder {
  imagesEncoded = 0;
  captionsEncoded = 0;
  /** Rows whose image could not be read now, and may be another time. */
  unreachable = 0;

  constructor(private readonly tools: PartTools) {}

  /** Leaves the part as it is where it matches the rows, else makes it; `onDone` counts rows. Returns the skipped. */
  async embed(rows: CatalogueRow[], paths: PartPaths, onDone: (rows: number) => void): Promise<number> {
    const { database, known, model } = this.tools;
    const looked: SeenImage[] = [];
    for await (const seen of mapAhead(rows, AHEAD, (row) => this.lookAt(row))) looked.push(seen);
    this.unreachable += looked.filter(({ problem }) => problem && mayPass(problem.reason)).length;
    const stored = await readPart(paths, database);
    if (stored && matches(stored.rows, stored.skipped, looked)) {
      await this.remember(looked);
      return rows.length - stored.rows.length;
    }
    const wanted = looked.filter((seen) => !seen.problem);
    const images = new Map<string, Uint16Array>();
    const texts = new Map<string, Uint16Array>();
    for (let first = 0; first < wanted.length; first += SLICE_ROWS) {
      const slice = wanted.slice(first, first + SLICE_ROWS);
      await this.embedImages(slice, images, (done) => onDone(rows.length - wanted.length + first + done));
      const good = slice.filter((seen) => !seen.problem);
      // After the images: the caption of a picture that cannot be decoded is nobody's.
      await this.embedTexts(
        good.map((seen) => seen.row.caption),
        texts,
      );
      const step = Math.max(1, Math.floor(good.length / SAMPLE));
      const sample = good.filter((_, i) => i % step === 0).slice(0, SAMPLE);
      await this.tools.onSample(sample.map((seen) => sampleOf(seen, images, texts, model.dim)));
    }
    const usable = wanted.filter((seen) => !seen.problem);
    if (stored) await known.retire(paths);
    await writePart(
      paths,
      database,
      usable.map(({ row, sha256 }) => ({
        id: row.id,
        image_path: row.image,
        caption: row.caption,
        image_sha256: sha256,
        uid: row.uid,
      })),
      joinRows(usable, model.dim, (seen) => images.get(seen.sha256)!),
      joinRows(usable, model.dim, (seen) => texts.get(seen.row.caption)!),
      model.dim,
      looked.flatMap((seen) => (seen.problem ? [seen.problem] : [])),
    );
    await this.remember(looked);
    return rows.length - usable.length;
  }

  private remember(looked: SeenImage[]): Promise<void> {
    return this.tools.catalogue.remember(
      looked.flatMap((seen) => (seen.read ? [{ id: seen.row.id, ...seen.read }] : [])),
    );
  }

  /** Finds the file of a row and hashes its content; the catalogue knows the hash where size and time are the same. */
  private async lookAt(row: CatalogueRow): Promise<SeenImage> {
    throwIfCancelled(this.tools.context);
    const seen: SeenImage = { row, file: null, sha256: '', problem: null, read: null, pixels: null };
    if (row.problem) return { ...seen, problem: { id: row.id, ...row.problem } };
    const file = await resolveImage(this.tools.roots, row.image);
    if ('reason' in file) return { ...seen, problem: { id: row.id, reason: file.reason, where: row.image } };
    seen.file = file;
    const { known } = row;
    if (known && known.size === file.size && known.mtimeNs === String(file.mtimeNs)) {
      seen.sha256 = known.sha256;
      if (known.unusable) seen.problem = { id: row.id, reason: known.unusable, where: row.image };
    } else {
      await this.hash(seen, file);
    }
    return seen;
  }

  /** Adds half-precision rows of the images by content; an image that cannot be decoded gets its problem. */
  private async embedImages(
    wanted: SeenImage[],
    rowsOf: Map<string, Uint16Array>,
    onDone: (rows: number) => void,
  ): Promise<void> {
    const { known, model, context } = this.tools;
    const { dim } = model;
    const unknown = wanted.map((seen) => seen.sha256).filter((hash) => !rowsOf.has(hash));
    for (const [hash, row] of await known.images(unknown, dim)) rowsOf.set(hash, row);
    const toEncode = new Map<string, SeenImage>();
    for (const seen of wanted) if (!rowsOf.has(seen.sha256)) toEncode.set(seen.sha256, seen);
    const unreadable = new Map<string, string>();
    const batchSize = imagesOfBatch(this.tools.model);
    let batch: SeenImage[] = [];
    let encoded = 0;
    const encode = async (): Promise<void> => {
      if (batch.length === 0) return;
      throwIfCancelled(context);
      const encoder = await this.tools.encoder();
      const values = await encoder.images(batch.map((seen) => seen.pixels!));
      batch.forEach((seen, i) => {
        rowsOf.set(seen.sha256, Uint16Array.from(values.subarray(i * dim, (i + 1) * dim), floatToHalf));
        seen.pixels = null;
      });
      this.imagesEncoded += batch.length;
      encoded += batch.length;
      onDone(Math.floor((wanted.length * encoded) / toEncode.size));
      batch = [];
    };
    for await (const seen of mapAhead(toEncode.values(), AHEAD, (image) => this.decode(image))) {
      if (seen.problem) unreadable.set(seen.sha256, seen.problem.reason);
      else batch.push(seen);
      if (batch.length === batchSize) await encode();
    }
    await encode();
    for (const seen of wanted) {
      const reason = unreadable.get(seen.sha256);
      if (reason === undefined) continue;
      seen.problem = { id: seen.row.id, reason, where: seen.row.image };
      if (seen.read && seen.read.mtimeNs !== '') seen.read.unusable = reason;
    }
  }

  private async hash(seen: SeenImage, file: ReadableImage): Promise<void> {
    try {
      seen.sha256 = sha256Of(await file.read());
      seen.read = { size: file.size, mtimeNs: String(file.mtimeNs), sha256: seen.sha256, unusable: null };
    } catch (error) {
      const reason = `${UNREADABLE} (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`;
      seen.problem = { id: seen.row.id, reason, where: seen.row.image };
    }
  }

  private async decode(seen: SeenImage): Promise<SeenImage> {
    throwIfCancelled(this.tools.context);
    const { row } = seen;
    try {
      const bytes = await seen.file!.read();
      if (sha256Of(bytes) === seen.sha256) seen.pixels = await decodeImage(bytes, this.tools.model.pixels);
      else {
        seen.problem = { id: row.id, reason: 'image file changed while it was read', where: row.image };
        // No time of a file: the next run reads it again.
        seen.read = { size: bytes.length, mtimeNs: '', sha256: seen.sha256, unusable: null };
      }
    } catch (error) {
      seen.problem = { id: row.id, reason: decodeFailure(error), where: row.image };
    }
    return seen;
  }

  /** Adds half-precision rows of the captions by text. */
  private async embedTexts(captions: string[], rowsOf: Map<string, Uint16Array>): Promise<void> {
    const { known, model, context } = this.tools;
    const { dim } = model;
    const unknown = [...new Set(captions)].filter((caption) => !rowsOf.has(caption));
    for (const [caption, row] of await known.texts(unknown, dim)) rowsOf.set(caption, row);
    const fresh = unknown.filter((caption) => !rowsOf.has(caption));
    if (fresh.length === 0) return;
    const encoder = await this.tools.encoder();
    const values = await encodeCaptions(encoder, fresh, dim, async () => throwIfCancelled(context));
    fresh.forEach((caption, i) =>
      rowsOf.set(caption, Uint16Array.from(values.subarray(i * dim, (i + 1) * dim), floatToHalf)),
    );
    this.captionsEncoded += fresh.length;
  }
}

/** A function of the model alone, as the bytes of a store are. */
function imagesOfBatch({ visionBytes }: ProxyModel): number {
  return Math.max(2, Math.floor(IMAGE_BATCH * Math.min(1, LIGHT_BYTES / visionBytes)));
}

const UNREADABLE = 'image file cannot be read';

/** A reason that says something of the moment, such as a drive that is not there, and not of the image. */
function mayPass(reason: string): boolean {
  return reason === MISSING_IMAGE || reason.startsWith(UNREADABLE);
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function joinRows(usable: SeenImage[], dim: number, rowOf: (seen: SeenImage) => Uint16Array): Uint16Array {
  const rows = new Uint16Array(usable.length * dim);
  usable.forEach((seen, i) => rows.set(rowOf(seen), i * dim));
  return rows;
}

function sampleOf(
  { row, file, sha256 }: SeenImage,
  images: Map<string, Uint16Array>,
  texts: Map<string, Uint16Array>,
  dim: number,
): EmbeddedSample {
  const [image, text] = [new Float32Array(dim), new Float32Array(dim)];
  halfToFloat(images.get(sha256)!, image);
  halfToFloat(texts.get(row.caption)!, text);
  return { id: row.id, caption: row.caption, readImage: () => file!.read(), image, text };
}

/** Whether a finished part still is what the dataset asks for: the same rows, contents and left-out rows. */
function matches(stored: PartRow[], skipped: SkippedRow[], looked: SeenImage[]): boolean {
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
