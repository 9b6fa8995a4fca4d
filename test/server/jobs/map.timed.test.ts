import { readdirSync, readFileSync, truncateSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Client } from '../../../extension/server/client.js';
import { startProcess, type ServerProcess } from '../../../extension/server/process.js';
import type { Projection } from '../../../server/protocol/map.js';
import type { ProjectionKind } from '../../../server/protocol/pairView.js';
import type { JobProgress } from '../../../server/protocol/progress.js';
import { isWithin } from '../../../server/projection/polygon.js';
import { drawn } from '../../demo/drawn.js';
import { CLI, scratchFolder } from '../cli.js';

/** The maps of a real dataset, from a real server. */
const dataset = join(scratchFolder(), 'icons');
let server: ServerProcess;
let client: Client;
let subset: string;

beforeAll(async () => {
  await drawn(dataset, 300);
  server = await startProcess(CLI, () => undefined);
  client = await Client.connect(server.handshake);
  const select = { source: dataset, device: 'cpu', evaluate: false, kmeans: 5 } as const;
  await client.request('select', { ...select, budget: '10%', method: 'random' });
  ({ subset } = await client.request('select', { ...select, budget: '20%' }));
}, 120_000);
afterAll(async () => {
  client?.dispose();
  await server?.stop();
});

function project(by: ProjectionKind, onProgress?: (step: JobProgress) => void): Promise<Projection> {
  const params = { source: dataset, subset, by, device: 'cpu' } as const;
  return client.request('project', params, onProgress ? { onProgress } : {});
}

/** A column as it comes page by page. */
async function column(file: string, width: number, limit: number): Promise<number[]> {
  const values: number[] = [];
  for (;;) {
    const [page] = await client.request('mapColumns', {
      files: [file],
      offset: values.length / width,
      limit,
    });
    if (page === '') return values;
    const bytes = Buffer.from(page!, 'base64');
    expect(bytes.length % (4 * width)).toBe(0);
    for (let at = 0; at < bytes.length; at += 4) values.push(bytes.readFloatLE(at));
  }
}

it('gives a place, a class, a score and a rank for each pair, and what other subsets picked', async () => {
  const map = await project('pca');
  expect(map.explained).toHaveLength(2);
  expect(map.explained![0]).toBeGreaterThan(map.explained![1]!);
  const points = await column(map.points, 2, 64);
  expect(points).toHaveLength(2 * map.rows);
  expect(points.every(Number.isFinite)).toBe(true);
  expect(await column(map.points, 2, 32_768)).toEqual(points);

  const { rows: picks, total } = await client.request('page', { subset, offset: 0, limit: 500 });
  const ranks = await column(map.ranks, 1, 50);
  expect(ranks.filter((rank) => rank >= 0).sort((a, b) => a - b)).toEqual(picks.map(({ rank }) => rank));
  const pairs = await column(map.pairs, 2, 77);
  for (const pick of picks) {
    const row = ranks.indexOf(pick.rank!);
    expect(map.classes[pairs[2 * row]!]).toBe(pick.latentClass);
    expect(pairs[2 * row + 1]).toBeCloseTo(pick.clipScore!, 5);
  }
  expect(map.others).toMatchObject([{ name: 'random-10pct', method: 'random' }]);
  const other = await column(map.others[0]!.ranks, 1, 500);
  expect(other.filter((rank) => rank >= 0)).toHaveLength(Math.floor(total / 2));
});

it('keeps a map: asked for again nothing is read, and it is made anew where a column is damaged', async () => {
  const stages = async (): Promise<Set<string>> => {
    const seen = new Set<string>();
    await project('pca', ({ stage }) => seen.add(stage));
    return seen;
  };
  expect([...(await stages())]).toEqual([]);
  const { points } = await project('pca');
  const before = readFileSync(points);
  truncateSync(points, before.length - 4);
  expect([...(await stages())]).toContain('project');
  expect(readFileSync(points)).toEqual(before);
  expect(readdirSync(dirname(points)).filter((name) => name.endsWith('.partial'))).toEqual([]);
});

it('lays out by UMAP in steps, the same each time, and stops within a second', async () => {
  const source = new CancellationTokenSource();
  let asked = 0;
  const params = { source: dataset, subset, by: 'umap', device: 'cpu' } as const;
  const cancelled = client.request('project', params, {
    token: source.token,
    onProgress: ({ stage }) => {
      if (asked || stage !== 'layout') return;
      asked = performance.now();
      source.cancel();
    },
  });
  await expect(cancelled).rejects.toMatchObject({ data: { code: 'cancelled' } });
  expect(performance.now() - asked).toBeLessThan(1000);
  const seen = new Set<string>();
  const map = await project('umap', ({ stage }) => seen.add(stage));
  expect([...seen]).toContain('layout');
  expect(map.fitted).toBe(map.rows);
  expect((await column(map.points, 2, 500)).every(Number.isFinite)).toBe(true);
});

it('lists the pairs that lie in a part of the map', async () => {
  const map = await project('pca');
  const points = await column(map.points, 2, 500);
  const ranks = await column(map.ranks, 1, 500);
  const everywhere = [-9, -9, 9, -9, 9, 9, -9, 9];
  const [x, y] = [points[2 * ranks.indexOf(0)]!, points[2 * ranks.indexOf(0) + 1]!];
  const around = [x - 0.05, y - 0.05, x + 0.05, y - 0.05, x + 0.05, y + 0.05, x - 0.05, y + 0.05];
  for (const corners of [everywhere, around]) {
    const where = { within: { by: 'pca', corners } } as const;
    const expected = [...ranks.keys()].filter(
      (row) => ranks[row]! >= 0 && isWithin(corners, points[2 * row]!, points[2 * row + 1]!),
    );
    const found = await client.request('page', { subset, offset: 0, limit: 500, view: { where } });
    expect(found.rows.map(({ rank }) => rank)).toEqual(
      expected.map((row) => ranks[row]!).sort((a, b) => a - b),
    );
    const classes = await client.request('pairClasses', { subset, where });
    expect(classes.reduce((sum, { picks }) => sum + picks, 0)).toBe(expected.length);
    expect(expected.length).toBeGreaterThan(0);
  }
});

it('bins what plots show: scores, classes, the curve of the gains and what other subsets picked', async () => {
  const plots = await client.request('distributions', { subset });
  const { rows: picks, total } = await client.request('page', { subset, offset: 0, limit: 500 });
  expect(plots.scores.picked.reduce((a, b) => a + b, 0)).toBe(total);
  expect(plots.scores.all).toBeNull();
  expect(plots.classes.reduce((sum, { picked }) => sum + picked, 0)).toBe(total);
  expect(plots.curve).toHaveLength(total);
  for (const { picks: number, gain, classes, clipScore } of plots.curve) {
    const first = picks.slice(0, number);
    expect(gain).toBeCloseTo(
      first.reduce((sum, pick) => sum + pick.gain!, 0),
      6,
    );
    expect(classes).toBe(new Set(first.map(({ latentClass }) => latentClass)).size);
    expect(clipScore).toBeCloseTo(first.reduce((sum, pick) => sum + pick.clipScore!, 0) / number, 6);
  }
  expect(plots.overlap.names).toEqual(['clipcov-20pct', 'random-10pct']);
  const of = (name: number): number =>
    plots.overlap.parts.reduce((sum, part) => sum + (part.of.includes(name) ? part.pairs : 0), 0);
  expect([of(0), of(1)]).toEqual([total, Math.floor(total / 2)]);
});

it('reads columns of maps and nothing else', async () => {
  const images = join(dataset, '.clipcov', 'catalogue.duckdb');
  for (const file of [join(dataset, 'pairs.csv'), images])
    await expect(client.request('mapColumns', { files: [file], offset: 0, limit: 10 })).rejects.toMatchObject(
      {
        data: { code: 'npy-unreadable' },
      },
    );
  const { points } = await project('pca');
  expect(await client.request('mapColumns', { files: [points], offset: 10_000, limit: 10 })).toEqual(['']);
});
