import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Database, sqlString } from '../../../server/dataset/database.js';
import { runCli, scratchFolder } from '../cli.js';
import { makeStore, npyOf } from '../embeddings/npyFiles.js';
import { zipFile } from '../embeddings/zipFile.js';
import { numbers } from '../selection/samples.js';

const folder = scratchFolder();
const next = numbers(5);
const rows = (count: number, dim: number): number[][] =>
  Array.from({ length: count }, () => Array.from({ length: dim }, next));
const PARTS = [40, 25];
const l14 = PARTS.map((count) => ({ images: rows(count, 12), texts: rows(count, 12) }));
const b32 = PARTS.map((count) => ({ images: rows(count, 8), texts: rows(count, 8) }));
const uid = (row: number): string => ((row * 7919) % 10_007).toString(16).padStart(32, row % 3 ? 'e' : '1');

/** Metadata as DataComp's download script lays them out. */
async function lay(name: string, deflate = false): Promise<string> {
  const root = join(folder, name);
  mkdirSync(root);
  const database = await Database.open();
  let first = 0;
  for (const [i, count] of PARTS.entries()) {
    const table = Array.from({ length: count }, (_, j) => {
      const row = first + j;
      return `('${uid(row)}', 'http://example.org/${row}.jpg', 'text of ${row}', 0.3)`;
    });
    await database.run(
      `COPY (SELECT * FROM (VALUES ${table.join(', ')}) t(uid, url, text, clip_l14_similarity_score))
       TO ${sqlString(join(root, `0000${i}.parquet`))} (FORMAT parquet)`,
    );
    const arrays = {
      'b32_img.npy': npyOf(b32[i]!.images, 'f2'),
      'b32_txt.npy': npyOf(b32[i]!.texts, 'f2'),
      'l14_img.npy': npyOf(l14[i]!.images, 'f2'),
      'l14_txt.npy': npyOf(l14[i]!.texts, 'f2'),
    };
    writeFileSync(join(root, `0000${i}.npz`), zipFile(arrays, deflate));
    first += count;
  }
  database.close();
  return root;
}

async function select(source: string, ...options: string[]): Promise<{ picks: number[]; subset: string }> {
  const args = ['select', source, '--budget', '10', '--kmeans', '3', '--device', 'cpu', '--json'];
  const { stdout, stderr, code } = await runCli(...args, ...options);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as { picks: number[]; subset: string };
}

describe('DataComp’s metadata', () => {
  it('are used as they are, of either model, packed or not, and come out as uids', async () => {
    const [plain, packed] = [await lay('plain'), await lay('packed', true)];
    for (const [model, parts] of [
      ['l14', l14],
      ['b32', b32],
    ] as const) {
      const bare = makeStore(
        join(folder, `bare-${model}`),
        parts.map((part, i) => ({ number: String(i), ...part })),
      );
      const { picks } = await select(bare);
      for (const root of [plain, packed])
        expect((await select(root, '--embeddings', model)).picks).toEqual(picks);
    }
    // The larger model's where nothing is said; evaluated by the same.
    const { picks, subset } = await select(plain);
    expect(picks).toEqual((await select(plain, '--embeddings', 'l14')).picks);
    const other = await select(plain, '--embeddings', 'b32', '--out', 'other');
    const evaluated = await runCli('evaluate', plain, '--subset', other.subset, '--device', 'cpu');
    expect(evaluated.code, evaluated.stderr).toBe(0);

    const out = join(folder, 'subset.npy');
    const exported = await runCli('export', subset, '--format', 'datacomp', '--out', out, '--json');
    expect(exported.code, exported.stderr).toBe(0);
    const bytes = readFileSync(out);
    const data = bytes.subarray(10 + bytes.readUInt16LE(8));
    const hex = (at: number): string => data.readBigUInt64LE(at).toString(16).padStart(16, '0');
    expect(Array.from(picks, (_, i) => hex(16 * i) + hex(16 * i + 8))).toEqual(picks.map(uid).sort());
    expect(readdirSync(plain).filter((name) => !/^0000|^subsets$/.test(name))).toEqual(['.clipcov']);

    const lines = join(folder, 'picks.jsonl');
    await runCli('export', subset, '--format', 'jsonl', '--out', lines);
    const [first] = readFileSync(lines, 'utf8').split('\n');
    expect(JSON.parse(first!)).toMatchObject({ uid: uid(picks[0]!), caption: `text of ${picks[0]}` });
  });

  it('that are damaged or lack a model are refused by the file', async () => {
    const root = await lay('damaged');
    const npz = join(root, '00001.npz');
    writeFileSync(npz, readFileSync(npz).subarray(0, 300));
    const cut = await runCli('select', root, '--budget', '5', '--device', 'cpu');
    expect([cut.code, cut.stderr]).toEqual([1, expect.stringMatching(/cannot be read.*00001\.npz/s)]);
    writeFileSync(npz, zipFile({ 'b32_img.npy': npyOf(b32[1]!.images, 'f2') }));
    const lacks = await runCli('select', root, '--budget', '5', '--device', 'cpu');
    expect([lacks.code, lacks.stderr]).toEqual([
      1,
      expect.stringMatching(/no l14_img and l14_txt.*00001\.npz.*--embeddings/s),
    ]);
  });
});
