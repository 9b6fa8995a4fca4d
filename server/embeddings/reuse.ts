import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { NUMBERED_PARQUET, type Database } from '../dataset/database.js';
import { openNpy, readHalfRows, type NpyMatrix } from './npy.js';
import { atMost } from './parallel.js';
import { partDevices, partRows, type PartPaths } from './partFiles.js';

/** Where a part lies. */
type Place = Pick<PartPaths, 'metadata' | 'images' | 'texts'>;

/** An embedding made earlier, in half precision, and the devices that its part was made on. */
export interface KnownRow {
  values: Uint16Array;
  devices: string[];
}

/**
 * What earlier runs have embedded, found by content: images by the hash of their bytes, captions by their text. A part
 * that must be written again is set aside beside the store until the run is over, so that rows which only moved from
 * one part to another (a line inserted at the top of a table) are copied, not embedded again.
 */
export class KnownEmbeddings {
  /** Where the matrices of an indexed metadata file lie now. */
  private readonly places = new Map<string, Place>();
  private devices = new Map<string, string[]>();
  private indexed = false;
  /** One question or move at a time: rows are never looked for while their files move. */
  private readonly inTurn = atMost(1);
  /** Images that will be asked for together. */
  private asked = new Set<string>();
  private answer: Promise<Map<string, KnownRow>> | null = null;

  constructor(
    private readonly folder: string,
    private readonly database: Database,
  ) {}

  private get previous(): string {
    // Beside the store, which holds nothing but what the dataset asks for.
    return `${this.folder}.previous`;
  }

  private get nothing(): boolean {
    return this.indexed && this.places.size === 0;
  }

  /** Moves a finished part out of the way; its rows stay known. */
  retire(paths: PartPaths): Promise<void> {
    return this.inTurn(() => this.setAside(paths));
  }

  private async setAside(paths: PartPaths): Promise<void> {
    await this.index();
    const taken = existsSync(this.previous) ? (await readdir(this.previous)).map(Number) : [];
    const folder = join(this.previous, String(Math.max(-1, ...taken) + 1));
    await mkdir(folder, { recursive: true });
    const moved = placeIn(folder);
    // Metadata first: without them the part is not there, and the next run makes it again whatever else was moved. Rows
    // are known by metadata that lie beside both matrices only.
    if (existsSync(paths.metadata)) await rename(paths.metadata, moved.metadata);
    await rm(paths.skipped, { force: true });
    for (const side of ['images', 'texts'] as const)
      if (existsSync(paths[side])) await rename(paths[side], moved[side]);
    if (this.places.has(paths.metadata)) this.places.set(paths.metadata, moved);
  }

  /** Called when every row was embedded or can never be: nothing of an older state is needed any more. */
  async forget(): Promise<void> {
    await rm(this.previous, { recursive: true, force: true });
  }

  /**
   * The half-precision row of the image with the given hash, where it is known. Hashes that are asked for at about the
   * same time are looked up together.
   */
  async image(hash: string, dim: number): Promise<KnownRow | undefined> {
    if (this.nothing) return undefined;
    this.asked.add(hash);
    this.answer ??= this.inTurn(async () => {
      await new Promise(setImmediate);
      const hashes = [...this.asked];
      this.asked = new Set();
      this.answer = null;
      return this.find('known_images', 'images', hashes, dim);
    });
    return (await this.answer).get(hash);
  }

  /** Half-precision rows of the captions that are known. */
  texts(captions: string[], dim: number): Promise<Map<string, KnownRow>> {
    return this.inTurn(() => this.find('known_captions', 'texts', captions, dim));
  }

  private async find(
    table: string,
    side: 'images' | 'texts',
    keys: string[],
    dim: number,
  ): Promise<Map<string, KnownRow>> {
    await this.index();
    const found = new Map<string, KnownRow>();
    if (keys.length === 0 || this.places.size === 0) return found;
    await this.database.run('CREATE OR REPLACE TEMP TABLE wanted(key VARCHAR)');
    await this.database.append(
      'wanted',
      ['VARCHAR'],
      [...new Set(keys)].map((key) => [key]),
    );
    const rows = await this.database.all<{ key: string; place: string; row: number }>(
      `SELECT key, place, row FROM ${table} JOIN wanted USING (key)`,
    );
    const matrices = new Map<string, NpyMatrix>();
    for (const { key, place, row } of rows) {
      const file = this.places.get(place)![side];
      if (!existsSync(file)) continue;
      const matrix = matrices.get(file) ?? openNpy(file);
      matrices.set(file, matrix);
      if (matrix.type !== 'f2' || matrix.columns !== dim || row >= matrix.rows) continue;
      const values = new Uint16Array(dim);
      readHalfRows(matrix, row, values);
      found.set(key, { values, devices: this.devices.get(place) ?? [] });
    }
    return found;
  }

  /** Reads the metadata of all finished parts once, when something is first asked. */
  private async index(): Promise<void> {
    if (this.indexed) return;
    const found: Place[] = (await listing(this.previous)).map(placeIn);
    for (const metadata of await listing(join(this.folder, 'metadata'))) {
      const number = /_(\d+)\.parquet$/.exec(basename(metadata))?.[1];
      if (number !== undefined)
        found.push({
          metadata,
          images: join(this.folder, 'img_emb', `img_emb_${number}.npy`),
          texts: join(this.folder, 'text_emb', `text_emb_${number}.npy`),
        });
    }
    for (const place of found)
      if ((await partRows(place, this.database)) !== null) this.places.set(place.metadata, place);
    this.indexed = true;
    if (this.places.size === 0) return;
    this.devices = await partDevices([...this.places.keys()], this.database);
    await this.database.run(
      'CREATE TEMP TABLE known_rows(hash VARCHAR, caption VARCHAR, place VARCHAR, row BIGINT)',
    );
    for (const file of this.places.keys())
      await this.database.run(
        `INSERT INTO known_rows
         SELECT image_sha256, caption, $1, file_row_number FROM ${NUMBERED_PARQUET}`,
        [file],
      );
    for (const [table, column] of [
      ['known_images', 'hash'],
      ['known_captions', 'caption'],
    ])
      await this.database.run(
        `CREATE TEMP TABLE ${table} AS
         SELECT ${column} AS key, arg_min(place, row) AS place, min(row) AS row FROM known_rows GROUP BY ${column}`,
      );
    await this.database.run('DROP TABLE known_rows');
  }
}

function placeIn(folder: string): Place {
  return {
    metadata: join(folder, 'metadata.parquet'),
    images: join(folder, 'images.npy'),
    texts: join(folder, 'texts.npy'),
  };
}

async function listing(folder: string): Promise<string[]> {
  return existsSync(folder) ? (await readdir(folder)).sort().map((name) => join(folder, name)) : [];
}
