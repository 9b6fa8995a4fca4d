import { dirname, join, resolve } from 'node:path';
import { imageRoots, resolveImage, type ReadableImage } from '../dataset/roots.js';
import { datasetHome, ownFolder } from '../dataset/home.js';
import { openGivenStore } from '../embeddings/dataComp.js';
import { storeName } from '../embeddings/embedDataset.js';
import { openStore, type EmbeddingStore } from '../embeddings/store.js';
import { ClipcovError } from '../errors.js';
import { picksPath, readPicks, type StoredPick } from './picks.js';
import { imageRootOf, type SubsetDocument } from './subsetDocument.js';

export interface Exported {
  rows: number;
  /** Ready-to-paste training command, or null where the format is none that a training reads. */
  command: string | null;
  /** What the consumer will read differently from what is written, and what was left out. */
  warnings: string[];
}

export interface ExportTools {
  /** Absolute path of the file or folder to be written; what is there takes its name only when it is whole. */
  out: string;
  /** Awaited now and then with the picks done; throws to cancel. */
  checkpoint(done: number): Promise<void>;
}

/** Writes a subset in a format (formats.md, "Out"). */
export type Exporter = (subset: ExportedSubset, tools: ExportTools) => Promise<Exported>;

const PAGE = 50_000;

/** A saved subset as exporters see it: its picks by rank, their images, and the embeddings they were chosen by. */
export class ExportedSubset {
  /** Absolute folder that relative image paths start from; null for a bare store. */
  readonly imageRoot: string | null;

  constructor(
    readonly file: string,
    readonly document: SubsetDocument,
    private readonly places: { store?: string | undefined; approvedRoots: string[] },
  ) {
    this.imageRoot = document.imageRoot === null ? null : resolve(dirname(file), document.imageRoot);
  }

  /** Absolute path of the dataset or store. */
  get source(): string {
    return resolve(dirname(this.file), this.document.source);
  }

  async *pages(): AsyncGenerator<StoredPick[]> {
    for (let offset = 0; ; offset += PAGE) {
      const picks = await readPicks(picksPath(this.file, this.document), offset, PAGE);
      if (picks.length) yield picks;
      if (picks.length < PAGE) return;
    }
  }

  /** All picks: for formats that order them otherwise than by rank. */
  async picks(): Promise<StoredPick[]> {
    return readPicks(picksPath(this.file, this.document));
  }

  /** Finds images; refuses a document that leads to folders which nobody approved. */
  async images(): Promise<(pick: StoredPick) => Promise<ReadableImage | { reason: string }>> {
    const found = imageRootOf(this.file, this.document, this.places.approvedRoots);
    if ('reason' in found)
      throw new ClipcovError('images-elsewhere', `The images cannot be read: ${found.reason}.`, {
        where: this.file,
        fix: 'Approve their folder (--allow-root, setting clipcov.approvedRoots), or choose a format that only names them.',
      });
    const roots = await imageRoots(found.root, this.places.approvedRoots);
    return async ({ image }) =>
      image === null ? { reason: 'the store names no image' } : resolveImage(roots, image);
  }

  /** The embeddings, which must be those that the picks were chosen by. */
  async store(): Promise<EmbeddingStore> {
    const { document, source } = this;
    const isStore = document.kind === 'store';
    const root = isStore ? source : this.imageRoot!;
    const home = datasetHome(source, root, ownFolder(root, this.places.store));
    if (isStore) return openGivenStore(source, home, document.parameters.embeddings ?? undefined);
    return openStore(join(home, storeName(document.model!)));
  }
}
