import { ClipcovError } from '../errors.js';
import { CAPTION_COLUMNS, firstOf, IMAGE_COLUMNS, notThere, type WantedColumns } from './columns.js';
import { PARQUET, type Database } from './database.js';

/** Columns that hold the bytes of an image: Hugging Face's struct `{bytes, path}`, or img2dataset's plain bytes. */
const BYTES_COLUMNS = ['image', 'img', 'jpg', 'jpeg', 'png', 'webp', 'image_bytes', 'bytes'];
const URL_COLUMNS = ['url', 'image_url', 'urls'];

export interface ParquetColumns {
  /** SQL of an image's path or, for images that lie in the file, of their bytes. */
  image: string;
  inside: boolean;
  /** SQL of the caption: the first where there is a list of them. */
  caption: string;
  uid: string | null;
}

interface Column {
  name: string;
  type: string;
}

/** Where the images and captions of a Parquet file are; the error names what was found. */
export async function parquetColumns(
  database: Database,
  file: string,
  wanted: WantedColumns,
): Promise<ParquetColumns> {
  const columns = await describe(database, file);
  const names = columns.map(({ name }) => name);
  const captions = columns.filter(({ type }) => ['VARCHAR', 'VARCHAR[]'].includes(type));
  const caption = firstOf(
    wanted.caption,
    captions.map(({ name }) => name),
  );
  const texts = columns.filter(({ type }) => type === 'VARCHAR').map(({ name }) => name);
  const holding = bytesColumn(columns);
  const path = firstOf(wanted.image, texts);
  // A cell is read by what its file is alone, so of several columns with bytes none can be chosen.
  const isInside =
    holding !== null && firstOf(wanted.chosen ? wanted.image : BYTES_COLUMNS, [holding.name]) !== null;
  const inside = isInside ? sqlOf(holding) : null;
  if (caption !== null && (inside !== null || path !== null)) {
    const isList = columns.find(({ name }) => name === caption)!.type === 'VARCHAR[]';
    return {
      image: inside ?? quoted(path!),
      inside: inside !== null,
      caption: isList ? `${quoted(caption)}[1]` : quoted(caption),
      uid: texts.includes('uid') ? quoted('uid') : null,
    };
  }
  if (wanted.chosen)
    throw notThere(
      columns.filter(mayHold).map(({ name }) => name),
      file,
      wanted.chosen,
    );
  const onlyUrls = inside === null && path === null && firstOf(URL_COLUMNS, texts) !== null;
  throw new ClipcovError(
    'column-missing',
    `The Parquet file has ${caption === null ? 'no caption column' : 'no image column'}; it has: ${names.map((name) => `"${name}"`).join(', ')}.`,
    {
      where: file,
      fix: onlyUrls
        ? 'It names images by URL, and ClipCov downloads nothing: fetch them with img2dataset, and give the folder that it wrote.'
        : `Images are looked for as bytes in ${BYTES_COLUMNS.join(', ')} or as paths in ${IMAGE_COLUMNS.join(', ')}; captions in ${CAPTION_COLUMNS.join(', ')}. Or say which they are: --image-column NAME --caption-column NAME, “Choose Columns…” in the editor.`,
    },
  );
}

/** SQL of the bytes of the images in a file, or null where it holds none. */
export async function imageCellColumn(database: Database, file: string): Promise<string | null> {
  const holding = bytesColumn(await describe(database, file));
  return holding && sqlOf(holding);
}

const isStruct = ({ type }: Column): boolean => /^STRUCT\(.*\bbytes BLOB\b/.test(type);

/** The column that holds images: the one of a usual name, or the only one that could. */
function bytesColumn(columns: Column[]): Column | null {
  const holding = columns.filter((column) => column.type === 'BLOB' || isStruct(column));
  const name = firstOf(
    BYTES_COLUMNS,
    holding.map((column) => column.name),
  );
  if (name === null) return holding.length === 1 ? holding[0]! : null;
  return holding.find((column) => column.name === name)!;
}

function sqlOf(column: Column): string {
  return isStruct(column) ? `${quoted(column.name)}.bytes` : quoted(column.name);
}

/** The names of its columns of texts and of bytes. */
export async function parquetColumnNames(database: Database, file: string): Promise<string[]> {
  return (await describe(database, file)).filter(mayHold).map(({ name }) => name);
}

/** Whether a column may hold images or captions. */
function mayHold(column: Column): boolean {
  return ['VARCHAR', 'VARCHAR[]', 'BLOB'].includes(column.type) || isStruct(column);
}

async function describe(database: Database, file: string): Promise<Column[]> {
  const columns = await database
    .all<{ column_name: string; column_type: string }>(`DESCRIBE SELECT * FROM ${PARQUET}`, [file])
    .catch((cause: unknown) => {
      throw unreadable(file, cause);
    });
  return columns.map(({ column_name, column_type }) => ({ name: column_name, type: column_type }));
}

/** What DuckDB could not make sense of; what else kept it from reading is passed on as it is. */
export function unreadable(file: string, cause: unknown): unknown {
  if (/out of memory|no space|disk/i.test(String(cause))) return cause;
  return new ClipcovError('table-unreadable', 'The Parquet file cannot be read.', {
    where: file,
    fix: 'It is damaged or still being written. Write or download it again.',
    cause,
  });
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
