import { createWriteStream } from 'node:fs';
import { copyFile, constants, mkdir, stat } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Database, NUMBERED_PARQUET, sqlString } from '../../dataset/database.js';
import { openSource } from '../../dataset/source.js';
import { tableRecords } from '../../dataset/table.js';
import { produceAside } from '../../embeddings/aside.js';
import type { Exporter } from '../exporter.js';
import { clipRetrieval } from './clipRetrieval.js';
import { produceFolder } from './folder.js';
import { lostWarning } from './imageExtension.js';
import { webdataset } from './webdataset.js';

const LINE_END = 10;

/** The dataset's own format with the picked rows alone, in the dataset's order. */
export const ownFormat: Exporter = async (subset, tools) => {
  switch (subset.document.kind) {
    case 'table':
      return table(subset, tools);
    case 'parquet':
      return parquet(subset, tools);
    case 'folder':
      return folder(subset, tools);
    case 'webdataset':
      return webdataset(subset, tools);
    case 'store':
      return clipRetrieval(subset, tools);
  }
};

/** Byte for byte the records of the picked rows behind the first line. */
const table: Exporter = async (subset, { out, checkpoint }) => {
  const wanted = new Set((await subset.picks()).map(({ id }) => id));
  let rows = 0;
  async function* records(): AsyncGenerator<Uint8Array> {
    let id = 0;
    for await (const record of tableRecords(subset.source)) {
      if (!record.isHeader && !wanted.has(id++)) continue;
      if (!record.isHeader) rows++;
      const bytes = await record.read();
      yield bytes;
      // The last one of a file may lack its line end, and need not be the last one here.
      if (bytes.at(-1) !== LINE_END) yield Uint8Array.of(LINE_END);
      if (rows % 1024 === 0) await checkpoint(rows);
    }
  }
  await produceAside(out, (aside) => pipeline(Readable.from(records()), createWriteStream(aside)));
  const moved = dirname(out) !== dirname(subset.source);
  return {
    rows,
    command: null,
    warnings: moved
      ? [
          'Image paths are as in the dataset, relative to its own folder: keep the file there, or move the images too.',
        ]
      : [],
  };
};

/** One file with all columns of the dataset, images included. */
const parquet: Exporter = async (subset, { out, checkpoint }) => {
  const source = await openSource(subset.source);
  const files = source.kind === 'store' ? [] : (source.files ?? []);
  const ids = (await subset.picks()).map(({ id }) => [id]);
  const database = await Database.open();
  try {
    await database.run('CREATE TABLE wanted(id BIGINT)');
    await database.append('wanted', ['BIGINT'], ids);
    const selects: string[] = [];
    let first = 0;
    for (const file of files) {
      const read = NUMBERED_PARQUET.replace('$1', sqlString(join(source.root, file)));
      selects.push(`SELECT *, ${first} + file_row_number AS clipcov_id FROM ${read}`);
      const [count] = await database.all<{ rows: number }>(`SELECT count(*) AS rows FROM ${read}`);
      first += count!.rows;
    }
    await checkpoint(0);
    await produceAside(out, (aside) =>
      database.run(
        `COPY (SELECT * EXCLUDE (file_row_number, clipcov_id) FROM (${selects.join(' UNION ALL BY NAME ')})
               WHERE clipcov_id IN (SELECT id FROM wanted) ORDER BY clipcov_id) TO ${sqlString(aside)} (FORMAT parquet)`,
      ),
    );
  } finally {
    database.close();
  }
  return { rows: ids.length, command: null, warnings: [] };
};

/** The images with what lies beside them, under the same names. */
const folder: Exporter = async (subset, { out, checkpoint }) => {
  const find = await subset.images();
  const lost: string[] = [];
  let rows = 0;
  await produceFolder(out, async (aside) => {
    for await (const picks of subset.pages())
      for (const pick of picks) {
        if (rows % 100 === 0) await checkpoint(rows);
        const image = await find(pick);
        if ('reason' in image) {
          lost.push(`${pick.image} (id ${pick.id})`);
          continue;
        }
        const to = join(aside, pick.image!);
        await mkdir(dirname(to), { recursive: true });
        await copyFile(image.path, to, constants.COPYFILE_FICLONE);
        const stem = (path: string): string => path.slice(0, -extname(path).length);
        const from = join(subset.imageRoot!, stem(pick.image!));
        for (const extension of ['.txt', '.json'])
          if (await stat(`${from}${extension}`).catch(() => null))
            await copyFile(`${from}${extension}`, `${stem(to)}${extension}`, constants.COPYFILE_FICLONE);
        rows++;
      }
  });
  return { rows, command: null, warnings: lostWarning(lost) };
};
