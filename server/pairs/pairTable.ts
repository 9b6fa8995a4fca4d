import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Database, sqlString } from '../dataset/database.js';
import { datasetHome, ownFolder } from '../dataset/home.js';
import { produceAside } from '../embeddings/aside.js';
import { forgetOldest } from '../embeddings/keptFiles.js';
import { describeRows, type MetadataPart } from '../export/describedRows.js';
import type { SubsetDocument } from '../export/subsetDocument.js';
import type { PairLeft } from '../protocol/pairs.js';

const FORMAT = 'clipcov pairs 1';
const EXTENSION = '.parquet';
/** So many tables are kept of a dataset, about 100 bytes a pair each. */
const KEPT = 4;
/** Rows come in any order when they are looked at: small groups spare reading what lies around them. */
const GROUP_ROWS = 4096;
const CHUNK_ROWS = 16_384;

/**
 * Where the table of all pairs of a subset's dataset is kept. Its name depends on what the subset's document says of the
 * embeddings and classes, and on the size and time of change of the files that these and the captions are read from:
 * so it is found without opening a store, and made again where one of them changed. It may be removed at any time.
 */
export function pairTableFile(file: string, document: SubsetDocument, store: string | undefined): string {
  const folder = dirname(file);
  const source = resolve(folder, document.source);
  const root = document.imageRoot === null ? source : resolve(folder, document.imageRoot);
  const { dataset, classes, parameters, model } = document;
  const { holdout, seed } = parameters;
  const classFile = 'file' in classes ? statOf(resolve(folder, classes.file)) : null;
  const captions = document.kind === 'store' ? metadataStats(join(source, 'metadata')) : statOf(source);
  const which = [FORMAT, dataset.fingerprint, model, classes.kind, classes, classFile, captions];
  const held = holdout === null ? null : [holdout, seed, statOf(resolve(folder, holdout))];
  const hash = createHash('sha256').update(JSON.stringify([...which, held]));
  const home = datasetHome(source, root, ownFolder(root, store));
  return join(home, 'pairs', `${hash.digest('hex').slice(0, 32)}${EXTENSION}`);
}

/** What changes when a file does; null for a folder, which changes by what we write into it, and for what is not there. */
function statOf(path: string): string | null {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found?.isFile() ? `${found.size} ${found.mtimeNs}` : null;
}

function metadataStats(folder: string): (string | null)[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(folder)
    .sort()
    .flatMap((name) => [name, statOf(join(folder, name))]);
}

/** What is known of every row of a store, [rows] each. */
export interface PairTerms {
  /** Index into `classes`, or below 0. */
  labels: Int32Array;
  classes: readonly string[];
  self: Float64Array;
  cross: Float64Array;
  label: Float64Array;
  inter: Float64Array;
  left: (row: number) => PairLeft | null;
}

/** Writes the table: `row, id, latent_class, self_term, …, left_out, image_path, caption`; rows without a class have no terms. */
export async function writePairTable(
  file: string,
  terms: PairTerms,
  metadata: MetadataPart[],
  checkpoint: (done: number) => Promise<void>,
): Promise<void> {
  const database = await Database.open();
  try {
    await database.run(
      `CREATE TABLE terms(row BIGINT, latent_class VARCHAR, self_term DOUBLE, cross_term DOUBLE, label_term DOUBLE,
                          inter_term DOUBLE, left_out VARCHAR)`,
    );
    const { length } = terms.labels;
    for (let first = 0; first < length; first += CHUNK_ROWS) {
      await database.append(
        'terms',
        ['BIGINT', 'VARCHAR', 'DOUBLE', 'DOUBLE', 'DOUBLE', 'DOUBLE', 'VARCHAR'],
        rowsOf(terms, first, Math.min(length, first + CHUNK_ROWS)),
      );
      await checkpoint(Math.min(length, first + CHUNK_ROWS));
    }
    await describeRows(database, metadata, 'terms');
    await produceAside(file, (aside) =>
      database.run(
        `COPY (SELECT row, coalesce(id, row) AS id, latent_class, self_term, cross_term, label_term, inter_term,
                 left_out, image_path, caption
               FROM terms LEFT JOIN described USING (row) ORDER BY row)
         TO ${sqlString(aside)} (FORMAT parquet, ROW_GROUP_SIZE ${GROUP_ROWS})`,
      ),
    );
  } finally {
    database.close();
  }
  await forgetOldest(dirname(file), EXTENSION, KEPT);
}

function* rowsOf(terms: PairTerms, first: number, end: number): Generator<(string | number | null)[]> {
  const { labels, classes, self, cross, label, inter, left } = terms;
  for (let row = first; row < end; row++) {
    const k = labels[row]!;
    if (k < 0) yield [row, null, null, null, null, null, left(row)];
    else yield [row, classes[k]!, self[row]!, cross[row]!, label[row]!, inter[row]!, null];
  }
}
