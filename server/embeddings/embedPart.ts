import { existsSync } from 'node:fs';
import type { Catalogue, CatalogueRow } from '../dataset/catalogue.js';
import type { Database } from '../dataset/database.js';
import type { ImageRoots } from '../dataset/roots.js';
import { throwIfCancelled, type JobContext } from '../context.js';
import type { BatchSize } from './batchSize.js';
import { encodeCaptions } from './classEmbeddings.js';
import type { Encoder } from './encoder.js';
import { decodeLooked, lookAt, mayPass, type LookedImage } from './lookedImage.js';
import type { ProxyModel } from './model.js';
import { atMost, mapAhead } from './parallel.js';
import { readPart, writePart, type PartPaths } from './partFiles.js';
import {
  blameEqualImages,
  claim,
  halves,
  joinRows,
  matches,
  sampleOf,
  type EmbeddedSample,
  type PartInWork,
} from './partInWork.js';
import type { KnownEmbeddings } from './reuse.js';

/** Images decoded ahead of the encoder: what it needs while captions are embedded and a part ends. */
export const AHEAD = 192;
/** Images that are being read and decoded: their files are in memory. */
const READING = 48;
/** Rows after which some are shown. */
const SLICE_ROWS = 256;
/** Pairs of each slice that are shown. */
const SAMPLE = 12;

export interface PartTools {
  model: ProxyModel;
  encoder: () => Promise<Encoder>;
  batch: { images: BatchSize; captions: BatchSize };
  catalogue: Pick<Catalogue, 'remember'>;
  database: Database;
  known: Pick<KnownEmbeddings, 'image' | 'texts' | 'retire'>;
  roots: ImageRoots;
  context: Pick<JobContext, 'cancelled'>;
  /** The next pairs are embedded while it runs; null where nobody looks. */
  onSample: ((sample: EmbeddedSample[]) => Promise<void>) | null;
  onProgress: (done: number, skipped: number) => void;
}

/**
 * Makes the parts of a store. `prepare` runs for many rows at once, well ahead and across the ends of parts; `take` is
 * handed its results one by one, embeds them, and has a finished part written while the next one goes on.
 */
export class PartEmbedder {
  imagesEncoded = 0;
  captionsEncoded = 0;
  /** Rows whose image could not be read now, and may be another time. */
  unreachable = 0;
  /** Rows of finished parts, and those of them that were left out. */
  private done = 0;
  private skipped = 0;
  private writing: Promise<void> = Promise.resolve();
  private showing: Promise<void> = Promise.resolve();
  private readonly reading = atMost(READING);

  constructor(private readonly tools: PartTools) {}

  async begin(rows: CatalogueRow[], paths: PartPaths): Promise<PartInWork> {
    return {
      rows,
      paths,
      stored: await readPart(paths, this.tools.database),
      looked: [],
      claimed: new Set(),
      claims: Promise.resolve(),
      images: new Map(),
      texts: new Map(),
      devices: new Set(),
      batch: [],
      shown: 0,
    };
  }

  /** Looks at the image of a row and, in a part that is not there, decodes it. */
  prepare(part: PartInWork, row: CatalogueRow): Promise<LookedImage> {
    const earlier = part.claims;
    let claimed!: () => void;
    part.claims = new Promise((resolve) => (claimed = resolve));
    return this.reading(async () => {
      let isFirst: boolean;
      let looked: LookedImage;
      try {
        throwIfCancelled(this.tools.context);
        looked = await lookAt(row, this.tools.roots);
        // Of equal images the first row's is decoded, whichever file is read soonest: a result depends on no race.
        await earlier;
        isFirst = !part.stored && !looked.problem && claim(part, looked);
      } finally {
        claimed();
      }
      if (isFirst) await this.provide(part, looked);
      looked.bytes = null;
      return looked;
    });
  }

  /** Finds the embedding of an image by its content, or decodes it. */
  private async provide(part: PartInWork, looked: LookedImage): Promise<void> {
    const { known, model, context } = this.tools;
    const row = await known.image(looked.sha256, model.dim);
    throwIfCancelled(context);
    if (row) {
      part.images.set(looked.sha256, row.values);
      row.devices.forEach((device) => part.devices.add(device));
    } else {
      const { sha256 } = looked;
      await decodeLooked(looked, model.pixels);
      if (looked.sha256 === '') part.claimed.delete(sha256);
    }
  }

  /** Goes on with the next row of a part, in order; with the last one the part is finished. */
  async take(part: PartInWork, looked: LookedImage): Promise<void> {
    throwIfCancelled(this.tools.context);
    part.looked.push(looked);
    await this.embedWhenFull(part, looked);
    if (!part.stored && part.looked.length - part.shown >= SLICE_ROWS) await this.show(part);
    if (part.looked.length === part.rows.length) await this.finish(part);
    else if (!part.stored) this.progress(part.looked.length - part.batch.length);
  }

  /** Settles when all that was begun is on disk, and shown. */
  async written(): Promise<void> {
    await Promise.all([this.writing, this.showing]);
  }

  private progress(rows: number): void {
    this.tools.onProgress(this.done + rows, this.skipped);
  }

  private async embedWhenFull(part: PartInWork, looked: LookedImage): Promise<void> {
    if (looked.pixels) part.batch.push(looked);
    if (part.batch.length >= this.tools.batch.images.size) await this.embedBatch(part);
  }

  private async embedBatch(part: PartInWork): Promise<void> {
    const { batch } = part;
    if (batch.length === 0) return;
    const { model, context, batch: sizes } = this.tools;
    throwIfCancelled(context);
    const encoder = await this.tools.encoder();
    const start = performance.now();
    const values = await encoder.images(batch.map((looked) => looked.pixels!));
    sizes.images.took(batch.length, batch.length, performance.now() - start);
    halves(values, model.dim).forEach((row, i) => part.images.set(batch[i]!.sha256, row));
    part.devices.add(encoder.device);
    for (const looked of batch) looked.pixels = null;
    this.imagesEncoded += batch.length;
    part.batch = [];
  }

  private async finish(part: PartInWork): Promise<void> {
    const { looked, stored, rows } = part;
    this.unreachable += looked.filter(({ problem }) => problem && mayPass(problem.reason)).length;
    let write = async (): Promise<void> => undefined;
    let kept = stored?.rows.length ?? 0;
    if (!stored || !matches(stored.rows, stored.skipped, looked)) {
      const usable = await this.complete(part);
      await this.embedTexts(part, usable);
      kept = usable.length;
      write = () => this.write(part, usable);
    }
    // One after another: parts appear in their order. What fails is thrown when the next one is to be written.
    await this.writing;
    this.writing = write().then(() => this.remember(looked));
    this.writing.catch(() => undefined);
    this.done += rows.length;
    this.skipped += rows.length - kept;
    this.progress(0);
  }

  /**
   * Embeds what `take` left: the rest of a batch; all of a part that was there and turns out to be another; images whose
   * equal was claimed by a row that could then not be read. Returns the usable rows.
   */
  private async complete(part: PartInWork): Promise<LookedImage[]> {
    const { looked, images, rows } = part;
    for (;;) {
      await this.embedBatch(part);
      blameEqualImages(looked);
      const usable = looked.filter(({ problem }) => !problem);
      const left = usable.filter(({ sha256 }) => !images.has(sha256));
      if (left.length === 0) return usable;
      const provided = mapAhead(left, AHEAD, (one) =>
        this.reading(async () => {
          if (claim(part, one)) await this.provide(part, one);
          return one;
        }),
      );
      let done = rows.length - left.length;
      for await (const one of provided) {
        await this.embedWhenFull(part, one);
        this.progress(++done - part.batch.length);
      }
    }
  }

  private async write(part: PartInWork, usable: LookedImage[]): Promise<void> {
    const { paths, looked, images, texts } = part;
    const { database, known, model } = this.tools;
    // Rows of whatever stands there stay known, as they were.
    if (existsSync(paths.metadata)) await known.retire(paths);
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
      joinRows(usable, model.dim, ({ sha256 }) => images.get(sha256)!),
      joinRows(usable, model.dim, ({ row }) => texts.get(row.caption)!),
      model.dim,
      looked.flatMap(({ problem }) => (problem ? [problem] : [])),
      [...part.devices].sort(),
    );
  }

  private remember(looked: LookedImage[]): Promise<void> {
    return this.tools.catalogue.remember(
      looked.flatMap(({ row, read }) => (read ? [{ id: row.id, ...read }] : [])),
    );
  }

  /**
   * Adds half-precision rows of the captions by text. After the images: the caption of a picture that cannot be decoded
   * is nobody's.
   */
  private async embedTexts({ texts, devices }: PartInWork, usable: LookedImage[]): Promise<void> {
    const { known, model, context, batch } = this.tools;
    const captions = new Set(usable.map(({ row }) => row.caption));
    const unknown = [...captions].filter((caption) => !texts.has(caption));
    if (unknown.length === 0) return;
    for (const [caption, row] of await known.texts(unknown, model.dim)) {
      texts.set(caption, row.values);
      row.devices.forEach((device) => devices.add(device));
    }
    const fresh = unknown.filter((caption) => !texts.has(caption));
    if (fresh.length === 0) return;
    const encoder = await this.tools.encoder();
    const values = await encodeCaptions(
      encoder,
      fresh,
      model.dim,
      async () => throwIfCancelled(context),
      batch.captions,
    );
    devices.add(encoder.device);
    halves(values, model.dim).forEach((row, i) => texts.set(fresh[i]!, row));
    this.captionsEncoded += fresh.length;
  }

  /** Hands out a few pairs of the rows since the last time, once the last ones are done with. */
  private async show(part: PartInWork): Promise<void> {
    const { onSample } = this.tools;
    if (!onSample) return;
    const good = part.looked
      .slice(part.shown)
      .filter(({ problem, sha256 }) => !problem && part.images.has(sha256));
    part.shown = part.looked.length;
    const step = Math.max(1, Math.floor(good.length / SAMPLE));
    const sample = good.filter((_, i) => i % step === 0).slice(0, SAMPLE);
    await this.embedTexts(part, sample);
    const { dim } = this.tools.model;
    const pairs = sample.map((looked) => sampleOf(looked, part, dim));
    await this.showing;
    this.showing = onSample(pairs);
    // What fails is thrown when the next ones are to be shown, or at the end.
    this.showing.catch(() => undefined);
  }
}
