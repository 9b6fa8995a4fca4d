import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { parse } from 'csv-parse';
import { ClipcovError } from '../errors.js';
import {
  findColumns,
  sniffSeparator,
  USUAL_COLUMNS,
  type TableColumns,
  type WantedColumns,
} from './columns.js';
import { readRange } from './members.js';
import { datasetRow, decodeUtf8, type DatasetRow } from './pair.js';

export const TABLE_EXTENSIONS = ['.csv', '.tsv', '.txt', '.jsonl', '.ndjson'];

/**
 * The rows of a CSV, TSV or JSONL table in their order. A bad row is yielded with its problem, so nothing shifts. `wanted`
 * are the names that the columns may have.
 */
export async function* readTable(file: string, wanted = USUAL_COLUMNS): AsyncGenerator<DatasetRow> {
  yield* isJsonLines(file) ? readJsonLines(file, wanted) : readCsv(file, wanted);
}

/** The names of the columns of a table: those of its first line, or of its first objects together. */
export async function tableColumnNames(file: string): Promise<string[]> {
  if (!isJsonLines(file)) return (await firstRecord(file)).names;
  const names = new Set<string>();
  let lines = 0;
  for await (const { bytes } of linesOf(file)) {
    for (const name of Object.keys(parseObject(bytes) ?? {})) names.add(name);
    if (++lines > LINES_WITHOUT_COLUMNS) break;
  }
  return [...names];
}

function isJsonLines(file: string): boolean {
  return ['.jsonl', '.ndjson'].includes(extname(file).toLowerCase());
}

/** A record of a table as it stands in the file; the first one of a CSV or TSV names the columns. */
export interface TableRecord {
  isHeader: boolean;
  /** Its bytes with its line end. */
  read(): Promise<Buffer>;
}

/** The records of a table in their order, one for each row that `readTable` yields. */
export async function* tableRecords(file: string): AsyncGenerator<TableRecord> {
  const record = (from: number, to: number, isHeader: boolean): TableRecord => ({
    isHeader,
    read: () => readRange(file, from, to - from),
  });
  if (isJsonLines(file)) {
    let at = 0;
    for await (const { bytes, length } of linesOf(file)) {
      if (!isBlank(bytes)) yield record(at, at + length, false);
      at += length;
    }
    return;
  }
  const { records, start } = await openCsv(file);
  let at = start;
  let isHeader = true;
  for await (const { info } of records) {
    const end = start + info.bytes;
    yield record(at, end, isHeader);
    at = end;
    isHeader = false;
  }
}

interface CsvRecord {
  record: Buffer[];
  /** Lines and bytes up to the end of the record. */
  info: { lines: number; bytes: number };
}

/** The records of a CSV or TSV, and where its text starts behind a byte order mark. */
async function openCsv(
  file: string,
): Promise<{ records: AsyncIterable<CsvRecord>; start: number; separator: string }> {
  const { header, start } = await readHeader(file);
  const separator = sniffSeparator(header);
  // Fields stay bytes: a caption that is not UTF-8 must cost its own row alone.
  const parser = parse({
    delimiter: separator,
    // All of them in one file: tables are put together from several.
    record_delimiter: ['\r\n', '\n', '\r'],
    encoding: null,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: 2 ** 20,
    info: true,
  });
  // The parser's own handling of a byte order mark would turn the fields into text.
  const source = createReadStream(file, { start });
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  return { records: readable(parser as AsyncIterable<CsvRecord>, file), start, separator };
}

/** The same records, with what ends them too early said as an error of the table. */
async function* readable(records: AsyncIterable<CsvRecord>, file: string): AsyncGenerator<CsvRecord> {
  let read = 0;
  try {
    for await (const record of records) {
      read++;
      yield record;
    }
  } catch (cause) {
    throw new ClipcovError('table-unreadable', `The table cannot be read: ${(cause as Error).message}`, {
      where: `${file}, after row ${Math.max(0, read - 1)}`,
      fix: 'Check the quotes around that row, or write the table again.',
      cause,
    });
  }
}

async function* readCsv(file: string, wanted: WantedColumns): AsyncGenerator<DatasetRow> {
  const { records } = await openCsv(file);
  let names: string[] | null = null;
  let columns: TableColumns | null = null;
  let id = 0;
  let linesTwice = 0;
  for await (const { record, info } of records) {
    linesTwice += record.reduce((sum, field) => sum + lineBreaks(field), 0);
    if (names === null) {
      names = record.map((name) => decodeUtf8(name)?.trim() ?? '');
      columns = findColumns(names, file, wanted);
      continue;
    }
    const where = `${basename(file)}:${info.lines - linesTwice}`;
    const field = (name: string): Buffer | undefined => record[names!.indexOf(name)];
    const uid = names.includes('uid') ? (decodeUtf8(field('uid') ?? Buffer.of())?.trim() ?? null) : null;
    yield datasetRow(id++, field(columns!.image), field(columns!.caption), where, uid || null);
  }
  if (names === null)
    throw new ClipcovError('table-empty', 'The table is empty.', {
      where: file,
      fix: 'It needs a first line with the names of its columns, and a line a pair.',
    });
}

/** The columns of a CSV or TSV by its first line that is not empty, and which line that is. */
export async function csvHeader(
  file: string,
  wanted = USUAL_COLUMNS,
): Promise<{ names: string[]; columns: TableColumns; separator: string; line: number }> {
  const { names, separator, line } = await firstRecord(file);
  const columns = names.length ? findColumns(names, file, wanted) : { image: '', caption: '' };
  return { names, columns, separator, line };
}

async function firstRecord(file: string): Promise<{ names: string[]; separator: string; line: number }> {
  const { records, start, separator } = await openCsv(file);
  for await (const { record, info } of records) {
    const names = record.map((name) => decodeUtf8(name)?.trim() ?? '');
    return { names, separator, line: start ? 0 : info.lines };
  }
  return { names: [], separator, line: 0 };
}

/** How many CR LF a field holds: the parser counts each as two lines. */
function lineBreaks(field: Buffer): number {
  let count = 0;
  for (let at = field.indexOf('\r\n'); at >= 0; at = field.indexOf('\r\n', at + 2)) count++;
  return count;
}

/** The first line that is not empty, to sniff the separator from (at most 64 KiB), and where the text starts. */
async function readHeader(file: string): Promise<{ header: string; start: number }> {
  const handle = await open(file).catch((cause: unknown) => {
    throw new ClipcovError('table-unreadable', 'The table cannot be opened.', {
      where: file,
      fix: 'Check that the file exists and may be read.',
      cause,
    });
  });
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(65_536), 0, 65_536, 0);
    const head = buffer.subarray(0, bytesRead);
    if (/^(\xff\xfe|\xfe\xff)/.test(head.toString('latin1', 0, 2)))
      throw new ClipcovError('table-unreadable', 'The table is written in UTF-16.', {
        where: file,
        fix: 'Save it again as CSV in UTF-8.',
      });
    const start = head.toString('latin1', 0, 3) === '\xef\xbb\xbf' ? 3 : 0;
    const lines = head.toString('utf8', start).split(/\r\n|\n|\r/);
    return { header: lines.find((line) => line !== '') ?? '', start };
  } finally {
    await handle.close();
  }
}

async function* readJsonLines(file: string, wanted: WantedColumns): AsyncGenerator<DatasetRow> {
  let id = 0;
  let line = 0;
  let columns: TableColumns | null = null;
  let withoutColumns: unknown = null;
  for await (const { bytes } of linesOf(file)) {
    line++;
    if (isBlank(bytes)) continue;
    const where = `${basename(file)}:${line}`;
    const record = parseObject(bytes);
    if (record === null) {
      yield { id: id++, image: null, caption: null, problem: { reason: 'line is not a JSON object', where } };
      continue;
    }
    if (columns === null)
      try {
        columns = findColumns(Object.keys(record), file, wanted);
      } catch (error) {
        // One odd line costs its row; where the first lines are all like that, it is the table.
        withoutColumns ??= error;
        if (id >= LINES_WITHOUT_COLUMNS) throw error;
        const reason = 'line has no image path or caption';
        yield { id: id++, image: null, caption: null, problem: { reason, where } };
        continue;
      }
    const uid = typeof record['uid'] === 'string' ? record['uid'] : null;
    yield datasetRow(id++, text(record[columns.image]), text(record[columns.caption]), where, uid);
  }
  if (columns === null && withoutColumns !== null) throw withoutColumns;
  if (id === 0)
    throw new ClipcovError('table-empty', 'The table is empty.', {
      where: file,
      fix: 'It needs a JSON object a line.',
    });
}

/** So many lines may lack the columns before one has them. */
const LINES_WITHOUT_COLUMNS = 100;

function parseObject(bytes: Buffer): Record<string, unknown> | null {
  const line = decodeUtf8(bytes);
  if (line === null) return null;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

function text(value: unknown): Uint8Array | undefined {
  return typeof value === 'string' ? Buffer.from(value) : undefined;
}

function isBlank(line: Buffer): boolean {
  return line.length === 0 || /^\s*$/.test(line.toString('latin1'));
}

/** Lines of a file as bytes, without their line ends but with their length including those, in bounded memory. */
async function* linesOf(file: string): AsyncGenerator<{ bytes: Buffer; length: number }> {
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
      const bytes = rest.length ? Buffer.concat([rest, chunk]) : chunk;
      let start = 0;
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
        const line = bytes.subarray(start, end > start && bytes[end - 1] === 13 ? end - 1 : end);
        yield { bytes: line, length: end + 1 - start };
        start = end + 1;
      }
      rest = bytes.subarray(start);
      if (rest.length > 2 ** 24)
        throw new ClipcovError('table-unreadable', 'A line of the table is longer than 16 MiB.', {
          where: file,
        });
    }
  } catch (cause) {
    if (cause instanceof ClipcovError) throw cause;
    throw new ClipcovError('table-unreadable', 'The table cannot be read.', { where: file, cause });
  }
  if (rest.length) yield { bytes: rest, length: rest.length };
}
