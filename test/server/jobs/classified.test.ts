import { readdirSync, readFileSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { npyBytes } from '../../../server/embeddings/npy.js';
import { runCli, scratchFolder, startCli, write } from '../cli.js';
import { numbers } from '../selection/samples.js';

const ROWS = 3000;
const DIM = 16;
const store = join(scratchFolder(), 'store');
const kept = join(store, '.clipcov', 'images', 'classified');
const images = join(store, 'img_emb', 'img_emb_0.npy');

/** A float16 bit pattern in ±[1, 2). */
const half = (x: number): number => 0x3c00 | (Math.floor(Math.abs(x) * 1024) & 0x3ff) | (x < 0 ? 0x8000 : 0);

interface Printed {
  picks: number[];
  seconds: Record<string, number>;
}

async function select(...options: string[]): Promise<Printed> {
  const args = ['select', store, '--budget', '10%', '--out', 'kept', '--device', 'cpu', '--json', ...options];
  const { stdout, stderr, code } = await runCli(...args);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as Printed;
}

const subset = (): Buffer[] =>
  ['kept.clipcov.json', 'kept.parquet'].map((name) => readFileSync(join(store, 'subsets', name)));
const file = (): string => join(kept, readdirSync(kept)[0]!);
const hasClassified = ({ seconds }: Printed): boolean => seconds['classify'] !== undefined;

beforeAll(async () => {
  const next = numbers(8);
  for (const [kind, name] of [
    ['img_emb', 'img_emb_0.npy'],
    ['text_emb', 'text_emb_0.npy'],
  ] as const)
    await write(
      join(store, kind, name),
      Buffer.from(
        npyBytes(
          Uint16Array.from({ length: ROWS * DIM }, () => half(next())),
          DIM,
        ),
      ),
    );
});

describe('what a pass over the store found', () => {
  let first: Buffer[];
  it.each([['named by a file'], ['of k-means']])(
    'is kept, for classes %s, to the same bytes',
    async (kind) => {
      const classes = join(store, '..', 'classes.npy');
      const next = numbers(3);
      await write(
        classes,
        Buffer.from(
          npyBytes(
            Uint16Array.from({ length: 5 * DIM }, () => half(next())),
            DIM,
          ),
        ),
      );
      const options = kind === 'of k-means' ? ['--kmeans', '4'] : ['--class-embeddings', classes];
      expect(hasClassified(await select(...options))).toBe(true);
      first = subset();
      expect(hasClassified(await select(...options))).toBe(false);
      expect(subset()).toEqual(first);
    },
  );

  it('is made again where it is damaged or cut, and where a file of the store has changed', async () => {
    for (const name of readdirSync(kept)) {
      const bytes = readFileSync(join(kept, name));
      bytes[bytes.length - 9]! ^= 1;
      writeFileSync(join(kept, name), bytes);
    }
    expect(hasClassified(await select('--kmeans', '4'))).toBe(true);
    expect(subset()).toEqual(first);
    truncateSync(file(), statSync(file()).size - 1);
    await select('--kmeans', '4');
    writeFileSync(file(), 'CLIPCOV classified 2\n{}\n');
    await select('--kmeans', '4');
    expect(subset()).toEqual(first);
    expect(hasClassified(await select('--kmeans', '4'))).toBe(false);
    utimesSync(images, 1, 1);
    expect(hasClassified(await select('--kmeans', '4'))).toBe(true);
    expect(subset()).toEqual(first);
  });

  it('is there for a run after one that was killed while it selected', async () => {
    utimesSync(images, 2, 2);
    const before = readdirSync(kept);
    const { child, ended } = startCli([
      'select',
      store,
      '--budget',
      '10%',
      '--device',
      'cpu',
      '--kmeans',
      '4',
    ]);
    const fresh = (): string[] =>
      readdirSync(kept).filter((name) => !before.includes(name) && name.endsWith('.classified'));
    while (fresh().length === 0 && child.exitCode === null) await new Promise((done) => setTimeout(done, 1));
    child.kill('SIGKILL');
    await ended;
    expect(hasClassified(await select('--kmeans', '4'))).toBe(false);
    expect(subset()).toEqual(first);
  });

  it('stays small: four at most', async () => {
    for (const count of ['5', '6', '7', '8', '9']) await select('--kmeans', count);
    expect(readdirSync(kept)).toHaveLength(4);
  });
});
