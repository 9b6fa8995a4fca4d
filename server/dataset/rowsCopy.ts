import { catalogueRow, type CatalogueRow, type KnownFile, type StoredRow } from './catalogue.js';
import { PARQUET, sqlString, type Database } from './database.js';

/**
 * The rows of a catalogue as a Parquet file, for machines that work on one dataset at the same time: a catalogue has one
 * program that may open it. What they find in the image files is kept until `seenTo` writes it.
 */
export class RowsCopy {
  private made = false;

  constructor(
    private readonly file: string,
    private readonly database: Database,
  ) {}

  /** Rows with ids in [first, end), ascending. */
  async rows(first: number, end: number): Promise<CatalogueRow[]> {
    const rows = await this.database.all<StoredRow>(
      `SELECT * FROM ${PARQUET} WHERE id >= $2 AND id < $3 ORDER BY id`,
      [this.file, BigInt(first), BigInt(end)],
    );
    return rows.map(catalogueRow);
  }

  async remember(files: ({ id: number } & KnownFile)[]): Promise<void> {
    await this.makeSeen();
    await this.database.append(
      'seen',
      ['BIGINT', 'BIGINT', 'VARCHAR', 'VARCHAR', 'VARCHAR'],
      files.map((file) => [file.id, file.size, file.mtimeNs, file.sha256, file.unusable]),
    );
  }

  /** Writes what was found in image files, for the catalogue to take over. */
  async seenTo(file: string): Promise<void> {
    await this.makeSeen();
    await this.database.run(`COPY (SELECT * FROM seen ORDER BY id) TO ${sqlString(file)} (FORMAT parquet)`);
  }

  private async makeSeen(): Promise<void> {
    if (this.made) return;
    await this.database.run(
      'CREATE TEMP TABLE seen(id BIGINT, size BIGINT, mtime_ns VARCHAR, sha256 VARCHAR, unusable VARCHAR)',
    );
    this.made = true;
  }
}
