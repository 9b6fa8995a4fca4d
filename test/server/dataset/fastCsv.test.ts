import fc from 'fast-check';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Database } from '../../../server/dataset/database.js';
import { loadPlainCsv } from '../../../server/dataset/fastCsv.js';
import { Incoming } from '../../../server/dataset/incoming.js';
import { readTable } from '../../../server/dataset/table.js';
import { scratchFolder } from '../cli.js';

const folder = scratchFolder();
let made = 0;
const nothing = async (): Promise<void> => undefined;
const COLUMNS = 'SELECT id, image, caption, uid, reason, place FROM incoming ORDER BY id';

function file(content: string | Buffer, name = 'pairs.csv'): string {
  const path = join(folder, `${++made}-${name}`);
  writeFileSync(path, content);
  return path;
}

/** The rows as each reader gives them; null for the fast one where it declines. */
async function both(path: string): Promise<{ fast: unknown[] | null; slow: unknown[] }> {
  const database = await Database.open();
  try {
    const into = await Incoming.begin(database, nothing);
    const fast = (await loadPlainCsv(path, into)) ? await database.all(COLUMNS) : null;
    if (fast === null) expect(await database.all('SELECT * FROM incoming')).toEqual([]);
    await database.run('DROP TABLE incoming');
    const again = await Incoming.begin(database, nothing);
    await again.addAll(readTable(path));
    return { fast, slow: await database.all(COLUMNS) };
  } finally {
    database.close();
  }
}

describe('a plain table', () => {
  it('comes out of DuckDB as out of the reader that goes record by record', async () => {
    const { fast, slow } = await both(
      file(
        'filepath\ttitle\tuid\na.jpg\tsaid "so", and\t0f\n b c.jpg\t"quoted ""x"", a\ttab"\t\n\tno image\t1\nd.jpg\t \t2\n\u00a0\tx\t3\ne.jpg\tNULL\tNA\n',
      ),
    );
    expect(fast).toEqual(slow);
    expect(slow).toHaveLength(6);
    expect(slow[2]).toMatchObject({
      image: null,
      reason: 'image path is empty',
      place: expect.stringMatching(/:4$/),
    });
    expect(slow[5]).toMatchObject({ caption: 'NULL', uid: 'NA' });
  });

  it.each([
    ['line ends of Windows', 'image,caption\r\na,b\r\n'],
    ['a line end inside quotes', 'image,caption\na,"b\nc"\n'],
    ['an empty line', 'image,caption\na,b\n\nc,d\n'],
    ['a row too short', 'image,caption\na\nb,c\n'],
    ['a row too long', 'image,caption\na,b,c\n'],
    ['a byte order mark', '\ufeffimage,caption\na,b\n'],
    ['what is not UTF-8', Buffer.from('image,caption\na,\xff\n', 'latin1')],
    ['a quote that does not end', 'image,caption\na,"b\n'],
    ['something behind the quote that ends', 'image,caption\n"" "",a\n'],
    ['blanks before the quote that begins', 'image,caption\na.jpg, "b"\n'],
  ])('is none with %s', async (_, content) => {
    const { fast, slow } = await both(file(content)).catch(() => ({ fast: null, slow: [] }));
    expect(fast).toBeNull();
    expect(slow.length).toBeLessThan(3);
  });

  it('may hold a megabyte of quotes in one field', async () => {
    const { fast, slow } = await both(file(`image,caption\na.jpg,"${'""x'.repeat(300_000)}"\n`));
    expect(fast).toEqual(slow);
    expect(slow[0]).toMatchObject({ image: 'a.jpg', reason: null });
  });

  it('is read the same by both, or left to the other, whatever it holds', async () => {
    let taken = 0;
    const cell = fc.oneof(
      fc.string({ maxLength: 6 }),
      fc
        .array(fc.constantFrom('"', ',', '\t', ' ', 'a', '""', "'", '\\', '\n', '\u00a0', 'é', ';'), {
          maxLength: 6,
        })
        .map((s) => s.join('')),
      fc.stringMatching(/^[a-z ]{1,6}$/),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell, fc.boolean()), { minLength: 1, maxLength: 8 }),
        fc.constantFrom(',', '\t', ';'),
        async (rows, separator) => {
          const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;
          const lines = rows.map(([image, caption, quoted]) =>
            (quoted ? [quote(image), quote(caption)] : [image, caption]).join(separator),
          );
          const path = file(`image${separator}caption\n${lines.join('\n')}\n`);
          const read = await both(path).catch(() => null);
          if (!read?.fast) return;
          taken++;
          expect(read.fast).toEqual(read.slow);
        },
      ),
      { numRuns: 150 },
    );
    expect(taken).toBeGreaterThan(50);
  });
});
