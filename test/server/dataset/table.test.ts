import fc from 'fast-check';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSource } from '../../../server/dataset/source.js';
import type { DatasetRow } from '../../../server/dataset/pair.js';
import { csvHeader, readTable, tableRecords } from '../../../server/dataset/table.js';
import { ClipcovError } from '../../../server/errors.js';
import { scratchFolder, write } from '../cli.js';
import { collect } from './collect.js';

const folder = scratchFolder();

async function rowsOf(name: string, content: string | Buffer): Promise<DatasetRow[]> {
  await write(join(folder, name), content);
  return collect(readTable(join(folder, name)));
}

async function pairsOf(name: string, content: string | Buffer): Promise<(string | null)[][]> {
  const rows = await rowsOf(name, content);
  expect(rows.map((row) => row.id)).toEqual(rows.map((_, i) => i));
  return rows.map((row) => (row.problem ? [row.problem.reason] : [row.image, row.caption]));
}

async function refusal(name: string, content: string | Buffer): Promise<ClipcovError> {
  const error = await rowsOf(name, content).then(
    () => null,
    (cause: unknown) => cause,
  );
  expect(error).toBeInstanceOf(ClipcovError);
  return error as ClipcovError;
}

describe('a table', () => {
  const NAMES = [
    ['filepath', 'title'],
    ['image', 'caption'],
    ['file', 'caption'],
    ['image_path', 'caption'],
    ['file_name', 'text'],
  ] as const;
  for (const [image, caption] of NAMES)
    it(`with ${image} and ${caption} is read whatever its separator is`, async () => {
      for (const separator of ['\t', ',', ';', '|'])
        for (const name of ['a.csv', 'a.tsv', 'a.txt'])
          expect(
            await pairsOf(name, `${image}${separator}${caption}\na/1.png${separator}one two\n`),
            JSON.stringify([name, separator]),
          ).toEqual([['a/1.png', 'one two']]);
    });

  it('of OpenCLIP is split at tabs although it is called .csv and its captions hold commas', async () => {
    expect(await pairsOf('openclip.csv', 'filepath\ttitle\n/data/1.png\ta dog, a cat; a | bird\n')).toEqual([
      ['/data/1.png', 'a dog, a cat; a | bird'],
    ]);
  });

  it('may have more columns, in any order, and names in any case with blanks around', async () => {
    const table = 'width, Caption ,URL,"FilePath"\n64,one,u,1.png\n65,two,u,2.png\n';
    expect(await pairsOf('extra.csv', table)).toEqual([
      ['1.png', 'one'],
      ['2.png', 'two'],
    ]);
  });

  it('with two columns of one meaning is read by the preferred one, else by the first', async () => {
    expect(await pairsOf('two.csv', 'path,filepath,text,title\np,f,x,t\n')).toEqual([['f', 't']]);
    expect(await pairsOf('same.csv', 'image,Image,caption\nfirst.png,second.png,c\n')).toEqual([
      ['first.png', 'c'],
    ]);
  });

  it('may start with a byte order mark or empty lines, and end its lines in any way', async () => {
    const expected = [
      ['1.png', 'größe'],
      ['2.png', 'zwei'],
    ];
    for (const start of ['', '\ufeff', '\n\n', '\ufeff\r\n'])
      for (const end of ['\n', '\r\n', '\r']) {
        const lines = ['image,caption', '1.png,größe', '2.png,zwei'];
        for (const last of ['', end])
          expect(
            await pairsOf('ends.csv', start + lines.join(end) + last),
            JSON.stringify([start, end, last]),
          ).toEqual(expected);
      }
  });

  it('with a byte order mark keeps a caption that is not UTF-8 in its own row', async () => {
    const bytes = Buffer.concat([
      Buffer.from('\ufeffimage,caption\n1.png,one\n2.png,'),
      Buffer.of(0xff, 0xfe),
      Buffer.from('\n3.png,three\n'),
    ]);
    expect(await pairsOf('bom.csv', bytes)).toEqual([
      ['1.png', 'one'],
      ['caption is missing or not UTF-8'],
      ['3.png', 'three'],
    ]);
  });

  it('in UTF-16 is refused as that', async () => {
    const error = await refusal('utf16.csv', Buffer.from('\ufeffimage,caption\n1.png,x\n', 'utf16le'));
    expect(error.message).toMatch(/UTF-16/);
    expect(error.fix).toMatch(/UTF-8/);
  });

  it('gives back any caption that is quoted as CSV asks, and no row shifts', async () => {
    const caption = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
      .filter((s) => s.trim() !== '');
    const sharp = fc.array(fc.constantFrom('"', ',', '\n', '\r\n', '\t', ';', 'a', ' ', '\\', "'"), {
      minLength: 1,
    });
    const captions = fc.array(
      fc.oneof(
        caption,
        sharp.map((parts) => `x${parts.join('')}`),
      ),
      { minLength: 1, maxLength: 8 },
    );
    const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    await fc.assert(
      fc.asyncProperty(
        captions,
        fc.constantFrom('\t', ',', ';', '|'),
        fc.constantFrom('\n', '\r\n'),
        async (all, by, end) => {
          const lines = [`image${by}caption`, ...all.map((text, i) => `${i}.png${by}${quoted(text)}`)];
          const pairs = await pairsOf('any.csv', lines.join(end));
          expect(pairs).toEqual(all.map((text, i) => [`${i}.png`, text]));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('tells where a bad row stands, by the line that an editor shows', async () => {
    const rows = await rowsOf(
      'where.csv',
      'image,caption\r\n1.png,"two\r\nlines"\r\n,no image\r\n\r\n4.png,\r\n5.png,good\r\n',
    );
    expect(rows.map((row) => row.problem?.where ?? null)).toEqual([null, 'where.csv:4', 'where.csv:6', null]);
    expect(rows.map((row) => row.problem?.reason ?? null)).toEqual([
      null,
      'image path is empty',
      'caption is empty',
      null,
    ]);
  });

  it('takes rows with too few or too many fields for what they hold', async () => {
    expect(await pairsOf('ragged.csv', 'image,caption,w\n1.png\n2.png,two\n3.png,three,64,more\n')).toEqual([
      ['caption is missing or not UTF-8'],
      ['2.png', 'two'],
      ['3.png', 'three'],
    ]);
  });

  it('without the columns is refused with the names that were found', async () => {
    const none = await refusal('none.csv', 'picture;words\na;b\n');
    expect(none.message).toBe(
      'The table has no image column and no caption column; it has: "picture", "words".',
    );
    expect(none.where).toBe(join(folder, 'none.csv'));
    expect((await refusal('half.csv', 'image,words\na,b\n')).message).toBe(
      'The table has no caption column; it has: "image", "words".',
    );
    const separator = await refusal('separator.csv', 'filepath:title\na:b\n');
    expect(separator.message).toMatch(/"filepath:title"/);
    expect(separator.fix).toMatch(/tabs or commas/);
  });

  it('that is empty, or is not there, is refused', async () => {
    for (const content of ['', '\n\n', '\ufeff'])
      expect((await refusal('void.csv', content)).message).toMatch(/empty/);
    const error = await collect(readTable(join(folder, 'nowhere.csv'))).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'table-unreadable', where: join(folder, 'nowhere.csv') });
  });

  it('that ends inside quotes says so, whoever reads it', async () => {
    const file = join(folder, 'open.csv');
    await write(file, '"image,caption\n');
    const readers = [
      () => collect(readTable(file)),
      () => csvHeader(file),
      () => collect(tableRecords(file)),
    ];
    for (const read of readers)
      await expect(read()).rejects.toMatchObject({ code: 'table-unreadable', where: `${file}, after row 0` });
  });

  it('has its own folder as the root of relative paths', async () => {
    await write(join(folder, 'below', 'pairs.tsv'), 'image\tcaption\n1.png\tone\n');
    for (const path of [join(folder, 'below', 'pairs.tsv'), join(folder, 'below')])
      expect(await openSource(path)).toMatchObject({ kind: 'table', root: join(folder, 'below') });
  });
});

describe('a JSONL table', () => {
  it('costs a line that lacks the columns its own row, and is refused where no line has them', async () => {
    const file = join(folder, 'odd.jsonl');
    writeFileSync(file, '{"note": "made by hand"}\n{"image": "1.png", "caption": "one"}\n');
    const rows = await collect(readTable(file));
    expect(rows.map(({ id, image, problem }) => [id, image, problem?.reason])).toEqual([
      [0, null, 'line has no image path or caption'],
      [1, '1.png', undefined],
    ]);
    for (const lines of [1, 1000]) {
      writeFileSync(file, '{"note": 1}\n'.repeat(lines));
      await expect(collect(readTable(file))).rejects.toMatchObject({ code: 'column-missing' });
    }
  });

  it('costs a bad line that line alone', async () => {
    const lines = [
      '{"file_name": "1.png", "text": "one"}',
      '{"file_name": "2.png", "text": ',
      '',
      '   ',
      '[1, 2]',
      'null',
      '{"file_name": "3.png"}',
      '{"file_name": 4, "text": "four"}',
      '{"text": "größe\\n\\t\\"", "more": {}, "file_name": "5.png"}\r',
      '{"file_name": "6.png", "text": "  "}',
    ];
    const rows = await rowsOf('bad.jsonl', lines.join('\n'));
    expect(rows.map((row) => row.id)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(rows.map((row) => row.problem?.reason ?? row.caption)).toEqual([
      'one',
      'line is not a JSON object',
      'line is not a JSON object',
      'line is not a JSON object',
      'caption is missing or not UTF-8',
      'image path is missing or not UTF-8',
      'größe\n\t"',
      'caption is empty',
    ]);
    expect(rows[2]!.problem!.where).toBe('bad.jsonl:5');
    expect(rows[7]!.problem!.where).toBe('bad.jsonl:10');
  });

  it('may start with bad lines and a byte order mark; one that is not UTF-8 costs its row', async () => {
    const bytes = Buffer.concat([
      Buffer.from('\ufeff{"image": "0.png", "caption": "zero"}\n{"image": "1.png", "caption": "'),
      Buffer.of(0xc3, 0x28),
      Buffer.from('"}\n{"image": "2.png", "caption": "two"}\n'),
    ]);
    expect(await pairsOf('bom.jsonl', bytes)).toEqual([
      ['0.png', 'zero'],
      ['line is not a JSON object'],
      ['2.png', 'two'],
    ]);
    expect(await pairsOf('late.ndjson', 'oops\n{"image": "1.png", "caption": "one"}\n')).toEqual([
      ['line is not a JSON object'],
      ['1.png', 'one'],
    ]);
  });

  it('gives back any pair, across the blocks in which the file is read', async () => {
    const captions = Array.from({ length: 40 }, (_, i) => `${i} ${'ä🙂"\\\n'.repeat(9000)}`);
    const lines = captions.map((caption, i) => JSON.stringify({ image: `${i}.png`, caption }));
    expect(await pairsOf('long.jsonl', lines.join('\n'))).toEqual(
      captions.map((caption, i) => [`${i}.png`, caption]),
    );
  });

  it('names the columns it found, and says when it is empty', async () => {
    const error = await refusal('names.jsonl', '{"url": "u", "caption": "c"}\n');
    expect(error.message).toBe('The table has no image column; it has: "url", "caption".');
    expect((await refusal('void.jsonl', '\n \n')).message).toMatch(/empty/);
  });
});
