import { readdirSync, readFileSync } from 'node:fs';
import { constants, getPriority } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../../../extension/server/client.js';
import { startProcess, type ServerProcess } from '../../../extension/server/process.js';
import type { JobProgress } from '../../../server/protocol/progress.js';
import type { SelectionReport } from '../../../server/protocol/selection.js';
import { drawn } from '../../demo/drawn.js';
import { CLI, scratchFolder } from '../cli.js';

/** The real server process, socket, worker, model and database, through the extension's own client. */
const dataset = join(scratchFolder(), 'icons');
let server: ServerProcess;
let client: Client;
let report: SelectionReport;
const progress: JobProgress[] = [];

beforeAll(async () => {
  await drawn(dataset, 300);
  server = await startProcess(CLI, () => undefined);
  client = await Client.connect(server.handshake);
});
afterAll(async () => {
  client?.dispose();
  await server?.stop();
});

describe('the main job over a real socket', () => {
  it('says what lies there before any work', async () => {
    const inspection = await client.request('inspect', { source: dataset });
    expect(inspection).toMatchObject({ kind: 'table', model: 'icon-clip' });
    expect(inspection.pairs).toBeGreaterThanOrEqual(300);
    expect(inspection.storeBytes).toBeGreaterThan(inspection.pairs * 1024);
  });

  it('leaves the processor to the editor with all its threads', () => {
    const threads = readdirSync(`/proc/${server.pid}/task`).map(Number);
    expect(threads.length).toBeGreaterThan(4);
    expect(new Set(threads.map((thread) => getPriority(thread)))).toEqual(
      new Set([constants.priority.PRIORITY_BELOW_NORMAL]),
    );
  });

  it('streams progress and previews, and reports the device, the terms and the evaluation', async () => {
    report = await client.request(
      'select',
      { source: dataset, budget: '20%', device: 'cpu' },
      { onProgress: (step) => progress.push(step) },
    );
    expect(report.device.used).toMatch(/^cpu \(\d+ threads\)$/);
    const valid = report.pairs - report.skipped.total;
    expect(report.picks).toBe(Math.floor(valid / 5));
    const { value, terms } = report.objective;
    expect(Object.values(terms).reduce((a, b) => a + b, 0)).toBeCloseTo(value, 9);
    expect(report.evaluation?.columns.map(({ name, seeds }) => [name, seeds])).toEqual([
      ['clipcov', 1],
      ['random', 5],
      ['clip-score', 1],
      ['all pairs', 1],
    ]);
    const stages = progress.map(({ stage }) => stage);
    for (const stage of ['embed', 'select', 'evaluate']) expect(stages).toContain(stage);
    const previews = progress.flatMap((step) => step.previews ?? []);
    expect(previews.length).toBeGreaterThan(0);
    for (const preview of previews) {
      expect(preview.thumbnail).toMatch(/^data:image\/webp;base64,/);
      expect(preview.latentClass).toEqual(expect.any(String));
    }
    expect(progress.every((step) => (step.previews?.length ?? 0) <= 12)).toBe(true);
    expect(progress.some((step) => step.subset === report.subset && step.stage === 'evaluate')).toBe(true);
  }, 120_000);

  it('pages the picks by rank and shows their thumbnails by id', async () => {
    const { rows, total } = await client.request('page', { subset: report.subset, offset: 10, limit: 25 });
    expect(total).toBe(report.picks);
    expect(rows.map(({ rank }) => rank)).toEqual(Array.from({ length: 25 }, (_, i) => 10 + i));
    const ids = rows.slice(0, 3).map(({ id }) => id);
    const shown = await client.request('thumbnails', { subset: report.subset, ids });
    expect(shown.map(({ id }) => id).sort()).toEqual([...ids].sort());
    for (const { uri } of shown) expect(uri).toMatch(/^data:image\/webp;base64,/);
  });

  it('opens, evaluates and exports the saved subset', async () => {
    const view = await client.request('openSubset', { subset: report.subset });
    expect(view).toMatchObject({
      name: 'clipcov-20pct',
      picks: report.picks,
      // Nobody asked for any.
      nearDuplicates: null,
      source: join(dataset, 'pairs.csv'),
    });
    const again = await client.request('evaluate', {
      source: view.source,
      subset: report.subset,
      device: 'cpu',
    });
    expect(again).toEqual(report.evaluation);
    const out = join(dataset, 'subsets', 'train.tsv');
    const exported = await client.request('export', { subset: report.subset, format: 'openclip-csv', out });
    expect(exported.rows).toBe(report.picks);
    expect(exported.command).toContain('--csv-separator');
    expect(readFileSync(out, 'utf8').split('\n')[0]).toBe('filepath\ttitle');
  });

  it('keeps no time, host, absolute path or thread count in what it stores', () => {
    const text = readFileSync(report.subset, 'utf8');
    expect(text).not.toContain(dataset);
    expect(text).not.toMatch(/threads|20\d\d-\d\d-\d\d/);
  });

  it('answers an error a person can act on', async () => {
    const missing = client.request('select', { source: join(dataset, 'nowhere'), budget: '1' });
    await expect(missing).rejects.toMatchObject({
      message: 'There is no such dataset.',
      data: { code: 'source-missing', where: join(dataset, 'nowhere'), fix: expect.any(String) },
    });
  });
});
