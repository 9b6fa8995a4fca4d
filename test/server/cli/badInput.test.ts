import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { QUICK } from '../../bench/quickModel.js';
import { makeDataset, picture, runCli, scratchFolder, write } from '../cli.js';
import { embeddedModelFolder } from '../../../server/embeddings/model.js';

const folder = scratchFolder();
const select = (source: string, ...options: string[]): ReturnType<typeof runCli> =>
  runCli('select', source, ...QUICK, '--budget', '2', '--json', ...options);

interface Printed {
  picks: number[];
  ids: number[];
  pairs: number;
  skipped: {
    total: number;
    reasons: { reason: string; count: number; examples: { id: number; where: string }[] }[];
  };
}

describe('bad rows', () => {
  it('cost themselves alone, are counted and listed, and shift nothing', async () => {
    const dataset = join(folder, 'rows');
    const good = await picture(1);
    await write(join(dataset, 'images/truncated.png'), good.subarray(0, good.length / 2));
    await write(join(dataset, 'images/empty.png'), Buffer.alloc(0));
    await write(join(dataset, 'images/text.png'), 'not a picture');
    mkdirSync(join(dataset, 'images/folder.png'), { recursive: true });
    await write(join(folder, 'outside.png'), good);
    symlinkSync(join(folder, 'outside.png'), join(dataset, 'images/link.png'));
    symlinkSync('/dev/zero', join(dataset, 'images/device.png'));
    const table = await makeDataset(dataset, 3, [
      'images/missing.png,no such file',
      'images/truncated.png,half a picture',
      'images/empty.png,nothing',
      'images/text.png,not a picture',
      'images/0.png,',
      'images/0.png,   ',
      Buffer.concat([Buffer.from('images/0.png,bad '), Buffer.from([0xff, 0xfe, 0x80])]),
      ',no image',
      'images/0.png',
      '../outside.png,outside',
      `${join(folder, 'outside.png')},outside absolutely`,
      'images/link.png,linked to the outside',
      'https://example.com/a.png,a url',
      'file:///etc/passwd,a file url',
      '//host/share/a.png,a network path',
      '/dev/zero,a device',
      'images/device.png,a device behind a link',
      'images/folder.png,a folder',
      '"images/1.png","quoted, with ""quotes"" and a\nline break"',
      'images/2.png,the last one is good again',
    ]);
    const { code, stdout, stderr } = await select(table);
    expect(stderr).not.toMatch(/\bat .*\.(js|ts):\d+/);
    expect(code).toBe(0);
    const printed = JSON.parse(stdout) as Printed;
    const ids = new Map(printed.skipped.reasons.flatMap((r) => r.examples.map((e) => [e.id, r.reason])));
    const reasons: [number, RegExp][] = [
      [3, /missing/],
      [4, /damaged or truncated/],
      [5, /0 bytes/],
      [6, /not supported/],
      [7, /caption is empty/],
      [8, /caption is empty/],
      [9, /caption is missing or not UTF-8/],
      [10, /image path is empty/],
      [11, /caption is missing/],
      [12, /outside/],
      [13, /outside/],
      [14, /outside/],
      [15, /URL/],
      [16, /URL/],
      [17, /network path/],
      [18, /outside/],
      [19, /outside/],
      [20, /not a plain file/],
    ];
    for (const [id, reason] of reasons) expect(ids.get(id), `row ${id}`).toMatch(reason);
    expect(printed.skipped.total).toBe(reasons.length);
    expect(printed.pairs).toBe(23);
    // What is left are the good rows, each with its own id.
    const all = JSON.parse((await select(table, '--budget', '100%', '--seed', '1')).stdout) as Printed;
    expect([...all.ids].sort((a, b) => a - b)).toEqual([0, 1, 2, 21, 22]);
  });

  it('are readable outside the dataset only under an approved folder', async () => {
    const dataset = join(folder, 'approved');
    await write(join(folder, 'elsewhere', 'a.png'), await picture(5));
    const table = await makeDataset(dataset, 2, ['../elsewhere/a.png,elsewhere']);
    const refused = JSON.parse((await select(table)).stdout) as Printed;
    expect(refused.skipped.total).toBe(1);
    const allowed = JSON.parse(
      (await select(table, '--allow-root', join(folder, 'elsewhere'))).stdout,
    ) as Printed;
    expect(allowed.skipped.total).toBe(0);
  });
});

describe('bad requests end with one clear line and exit code 1 or 2', () => {
  const cases: [string, () => Promise<string[]>, number, RegExp][] = [
    ['budget 0 %', async () => [await small(), '--budget', '0%'], 1, /'0%' is not above 0 %/],
    [
      'budget 250 %',
      async () => [await small(), '--budget', '250%'],
      1,
      /'250%' is not above 0 % and at most 100 %/,
    ],
    ['budget text', async () => [await small(), '--budget', 'many'], 1, /'many' is neither/],
    ['budget beyond', async () => [await small(), '--budget', '4'], 1, /more than the 3 valid pairs/],
    ['budget -5', async () => [await small(), '--budget=-5'], 1, /'-5' is neither/],
    ['no budget', async () => [await small()], 2, /--budget is missing/],
    ['unknown method', async () => [await small(), '--budget', '2', '--method', 'best'], 2, /method/],
    [
      'negative λ',
      async () => [await small(), '--budget', '2', '--weights', 'redundancy=-1'],
      2,
      /redundancy/,
    ],
    [
      'unknown weight',
      async () => [await small(), '--budget', '2', '--weights', 'size=1'],
      2,
      /'size' is none of/,
    ],
    [
      'missing column',
      async () => [await file('columns/pairs.csv', 'picture;words\na.png;b\n'), '--budget', '2'],
      1,
      /no an image column and no a caption column|has no an image|"picture", "words"/,
    ],
    ['empty table', async () => [await file('empty/pairs.csv', ''), '--budget', '2'], 1, /table is empty/],
    ['empty folder', async () => [await emptyFolder(), '--budget', '2'], 1, /holds no dataset/],
    [
      'tables below',
      async () => [await tablesBelow(), '--budget', '2'],
      1,
      /further down.*\(b.a\.csv, c.x\.jsonl\)/,
    ],
    ['no such path', async () => [join(folder, 'nowhere'), '--budget', '2'], 1, /no such dataset/],
    ['two tables', async () => [await twoTables(), '--budget', '2'], 1, /2 tables: a.csv, b.csv/],
    [
      'model incomplete',
      async () => [await small(), '--budget', '2', '--model', brokenModel()],
      1,
      /tokenizer.json/,
    ],
    [
      'no model',
      async () => [await small(), '--budget', '2', '--model', '/nowhere'],
      1,
      /model folder does not exist/,
    ],
    [
      'gpu refused',
      async () => [await small(), '--budget', '2', '--device', 'cuda'],
      1,
      /'cuda' cannot be used/,
    ],
    [
      'no classes',
      async () => [await small(), '--budget', '2', '--classes', await file('none.txt', '\n')],
      1,
      /no class names/,
    ],
  ];
  for (const [name, args, exit, message] of cases)
    it(name, async () => {
      const { code, stdout, stderr } = await runCli(
        'select',
        ...(name === 'gpu refused' ? [] : QUICK),
        ...(await args()),
      );
      expect(stderr).toMatch(message);
      expect(stderr).not.toMatch(/\bat .*\.(js|ts):\d+/);
      expect(stdout).toBe('');
      expect(code).toBe(exit);
    });

  it('read-only folder', async () => {
    const dataset = join(folder, 'locked');
    await makeDataset(dataset, 2);
    chmodSync(dataset, 0o555);
    try {
      // The superuser may write anywhere: a path through a file is as closed to everybody.
      const store = process.getuid?.() === 0 ? ['--store', join(dataset, 'pairs.csv', 'store')] : [];
      const { code, stderr } = await runCli('select', dataset, '--budget', '1', ...QUICK, ...store);
      expect(stderr).toMatch(/Cannot write: .*(--store|permissions)/s);
      expect(code).toBe(1);
    } finally {
      chmodSync(dataset, 0o755);
    }
  });

  let cached: string | null = null;
  const small = async (): Promise<string> => (cached ??= await makeDataset(join(folder, 'small'), 3));
  const file = async (name: string, content: string): Promise<string> => {
    await write(join(folder, name), content);
    return join(folder, name);
  };
  const emptyFolder = async (): Promise<string> => {
    mkdirSync(join(folder, 'void'), { recursive: true });
    return join(folder, 'void');
  };
  const tablesBelow = async (): Promise<string> => {
    for (const name of ['c/x.jsonl', 'b/a.csv', '.hidden/y.csv', 'b/notes.md'])
      await file(`below/${name}`, '');
    return join(folder, 'below');
  };
  const twoTables = async (): Promise<string> => {
    await file('two/a.csv', 'image,caption\n');
    await file('two/b.csv', 'image,caption\n');
    return join(folder, 'two');
  };
  const brokenModel = (): string => {
    const model = join(folder, 'model');
    cpSync(embeddedModelFolder(), model, { recursive: true });
    rmSync(join(model, 'tokenizer.json'));
    return model;
  };
});

describe('image folders', () => {
  it('pair x.png with x.txt or x.json and list what has no caption', async () => {
    const dataset = join(folder, 'sidecars');
    for (const name of ['b/1', 'a', 'c', 'd'])
      await write(join(dataset, `${name}.png`), await picture(name.length));
    await write(join(dataset, 'b/1.txt'), 'in a folder\n');
    await write(join(dataset, 'a.json'), JSON.stringify({ caption: 'from json', other: 1 }));
    await write(join(dataset, 'c.txt'), 'plain');
    const { stdout, code } = await select(dataset, '--budget', '100%');
    expect(code).toBe(0);
    const printed = JSON.parse(stdout) as Printed & { subset: string };
    expect(printed.pairs).toBe(4);
    expect(printed.skipped.reasons.map((r) => [r.reason, r.examples[0]!.where])).toEqual([
      ['caption is missing or not UTF-8', 'd.png'],
    ]);
    expect(readFileSync(join(dataset, '.clipcov', '.gitignore'), 'utf8')).toBe('*\n');
  });
});
