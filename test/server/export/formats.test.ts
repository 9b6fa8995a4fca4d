import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readTable } from '../../../server/dataset/table.js';
import { tables } from '../../../server/export/formats/tables.js';
import type { StoredPick } from '../../../server/export/picks.js';
import { scratchFolder } from '../cli.js';
import { collect } from '../dataset/collect.js';
import { put } from '../embeddings/npyFiles.js';
import { exportTo, saveSubset, type Described } from './subsets.js';

const folder = scratchFolder();
const HARD: Described[] = [
  { image: 'images/1.png', caption: 'plain' },
  { image: 'images/2.png', caption: 'a\ttab, a comma; a | bar' },
  { image: 'images/3.png', caption: 'a "quoted" word and "' },
  { image: 'images/4.png', caption: 'two\nlines\r\nand  three \n\n ends' },
  { image: 'images/5.png', caption: 'größe 日本語 🙂 e\u0301 \u2028 \u00a0' },
  { image: 'images/6.png', caption: 'NA' },
  { image: 'a b/ü "7",8.png', caption: "it's 'single'" },
  { image: '/elsewhere/9.png', caption: ' blanks around ' },
];

/** Strictly by RFC 4180, as the consumers' readers do: a quote too many is an error. */
function table(file: string, delimiter: string): { names: string[]; rows: Record<string, string>[] } {
  const records = parse(readFileSync(file), { delimiter }) as string[][];
  const [names, ...rows] = records as [string[], ...string[][]];
  return { names, rows: rows.map((row) => Object.fromEntries(row.map((value, i) => [names[i]!, value]))) };
}

/** What a tokenizer makes of a caption: runs of white space are one blank. */
const words = (caption: string): string => caption.replaceAll(/\s+/g, ' ');

describe('the CSV formats', () => {
  it('openclip-csv: tabs, filepath and title, absolute paths, rows by rank', async () => {
    const root = join(folder, 'openclip');
    const out = join(root, 'out', 'train.csv');
    const report = await exportTo(await saveSubset(root, HARD), 'openclip-csv', out);
    const { names, rows } = table(out, '\t');
    expect(names).toEqual(['filepath', 'title']);
    expect(rows.map((row) => row['filepath'])).toEqual(
      HARD.map(({ image }) => resolve(root, image)).reverse(),
    );
    expect(rows.map((row) => words(row['title']!))).toEqual(
      HARD.map(({ caption }) => words(caption)).reverse(),
    );
    expect(rows.every((row) => !/[\r\n]/.test(row['title']!))).toBe(true);
    expect(report).toMatchObject({ out, rows: HARD.length });
    expect(report.command).toMatch(
      /--dataset-type csv --csv-separator \$'\\t' --csv-img-key filepath --csv-caption-key title/,
    );
    expect(report.warnings).toEqual([
      expect.stringMatching(/^Captions such as NA \(id 105\).*keep_default_na=False/),
    ]);
  });

  it('cyclip-csv: commas, file and caption, paths that lead from the CSV to the image', async () => {
    const root = join(folder, 'cyclip');
    const subset = await saveSubset(root, HARD);
    for (const out of [
      join(root, 'train.csv'),
      join(root, 'a', 'b', 'train.csv'),
      join(folder, 'next to', 'train.csv'),
    ]) {
      const report = await exportTo(subset, 'cyclip-csv', out);
      const { names, rows } = table(out, ',');
      expect(names).toEqual(['file', 'caption']);
      expect(rows.some((row) => isAbsolute(row['file']!))).toBe(false);
      expect(rows.map((row) => resolve(dirname(out), row['file']!))).toEqual(
        HARD.map(({ image }) => resolve(root, image)).reverse(),
      );
      expect(rows.map((row) => words(row['caption']!))).toEqual(
        HARD.map(({ caption }) => words(caption)).reverse(),
      );
      expect(report.command).toMatch(/--image_key file --caption_key caption/);
    }
  });

  it('keep any caption and any path, and are tables that ClipCov itself reads', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
      fc
        .array(fc.constantFrom('"', ',', '\t', '\n', '\r', ' ', 'a', '""', "'", '\\'), { maxLength: 8 })
        .map((s) => s.join('')),
    );
    const pair = fc.record({
      image: fc.stringMatching(/^[a-zé"',;| -]{1,9}$/).filter((name) => name.trim() === name),
      caption: text.filter((caption) => caption.trim() !== ''),
    });
    let made = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(pair, { minLength: 1, maxLength: 6 }), async (pairs) => {
        const root = join(folder, 'any', `${++made}`);
        const subset = await saveSubset(root, pairs);
        for (const [format, delimiter, image, caption] of [
          ['openclip-csv', '\t', 'filepath', 'title'],
          ['cyclip-csv', ',', 'file', 'caption'],
        ] as const) {
          const out = join(root, 'out', `${format}.csv`);
          await exportTo(subset, format, out);
          const { rows } = table(out, delimiter);
          const expected = pairs.toReversed();
          expect(rows).toHaveLength(expected.length);
          rows.forEach((row, i) => {
            expect(resolve(dirname(out), row[image]!)).toBe(resolve(root, expected[i]!.image));
            expect(words(row[caption]!)).toBe(words(expected[i]!.caption));
            if (!/[\r\n]/.test(expected[i]!.caption)) expect(row[caption]).toBe(expected[i]!.caption);
          });
          const read = await collect(readTable(out));
          expect(read.map((row) => row.caption)).toEqual(rows.map((row) => row[caption]));
        }
      }),
      { numRuns: 25 },
    );
  });

  it('warn of captions that pandas takes for missing, and of no others', () => {
    const pick = (caption: string): StoredPick => ({
      row: 0,
      id: 7,
      rank: 0,
      gain: 0,
      latentClass: 'x',
      clipScore: 0,
      image: 'a.png',
      caption,
      uid: null,
    });
    // The default na_values of pandas 2, word for word; the empty string is one of them.
    const missing = [
      '',
      '#N/A',
      '#N/A N/A',
      '#NA',
      '-1.#IND',
      '-1.#QNAN',
      '-NaN',
      '-nan',
      '1.#IND',
      '1.#QNAN',
      '<NA>',
      'N/A',
      'NA',
      'NULL',
      'NaN',
      'None',
      'n/a',
      'nan',
      'null',
    ];
    for (const format of ['openclip-csv', 'cyclip-csv'] as const) {
      for (const caption of missing) expect(tables[format].warning([pick(caption)]), caption).toMatch(/id 7/);
      for (const caption of ['na', 'Null', 'none', 'NA.', 'a nan', '0'])
        expect(tables[format].warning([pick(caption)]), caption).toBeNull();
    }
    expect(tables.jsonl.warning([pick('NA')])).toBeNull();
  });

  it('give a command that a shell reads as one path', async () => {
    const root = join(folder, "it's a $(folder)");
    const out = join(root, 'train "1".csv');
    const { command } = await exportTo(await saveSubset(root, HARD.slice(0, 1)), 'openclip-csv', out);
    expect(command).toContain(`--train-data '${out.replaceAll("'", `'\\''`)}' `);
  });
});

describe('jsonl and text', () => {
  it('jsonl: one object a line with everything that is known, captions untouched', async () => {
    const root = join(folder, 'jsonl');
    const out = join(root, 'picks.jsonl');
    const report = await exportTo(await saveSubset(root, HARD), 'jsonl', out);
    const lines = readFileSync(out, 'utf8').split('\n');
    expect(lines.pop()).toBe('');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(
      HARD.map(({ image, caption }, row) => ({
        id: 100 + row,
        image_path: image,
        caption,
        rank: HARD.length - 1 - row,
        gain: row / 8,
        latent_class: `class ${row}`,
        clip_score: row / 16,
      })).reverse(),
    );
    expect(report).toEqual({ out, rows: HARD.length, command: null, warnings: [] });
  });

  it('text: one absolute path a line', async () => {
    const root = join(folder, 'text');
    const out = join(root, 'picks.txt');
    await exportTo(await saveSubset(root, HARD), 'text', out);
    expect(readFileSync(out, 'utf8')).toBe(
      HARD.map(({ image }) => `${resolve(root, image)}\n`)
        .reverse()
        .join(''),
    );
    const broken = await saveSubset(join(folder, 'broken'), [{ image: 'a\nb.png', caption: 'c' }]);
    expect((await exportTo(broken, 'text', out)).warnings).toEqual([expect.stringMatching(/line break/)]);
  });
});

describe('an export that fails', () => {
  it('leaves what was there, and nothing of its own', async () => {
    const root = join(folder, 'fails');
    const subset = await saveSubset(root, [{ image: 'key-of-a-tar', caption: 'c' }], { imageRoot: null });
    const out = put(join(root, 'train.csv'), 'old');
    await expect(exportTo(subset, 'openclip-csv', out)).rejects.toMatchObject({ code: 'export-needs-pairs' });
    expect(readFileSync(out, 'utf8')).toBe('old');
    expect(existsSync(`${out}.partial`)).toBe(false);
  });
});
