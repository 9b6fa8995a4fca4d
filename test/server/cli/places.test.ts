import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../../../extension/server/client.js';
import { startProcess, type ServerProcess } from '../../../extension/server/process.js';
import type { EvaluationReport } from '../../../server/protocol/evaluation.js';
import type { Objective } from '../../../server/protocol/selection.js';
import { QUICK, quickModel } from '../../bench/quickModel.js';
import { CLI, makeDataset, runCli, runCommand, scratchFolder, type Ran } from '../cli.js';

const PAIRS = 24;
const scratch = scratchFolder();
const original = join(scratch, 'original');
const CHOICE = ['--budget', '6', ...QUICK, '--kmeans', '3', '--evaluate', '--json'];
let expected: Selected & { ids: number[] };
let server: ServerProcess;
let client: Client;

interface Selected {
  subset: string;
  objective: Objective;
  evaluation: EvaluationReport | null;
  warnings: string[];
}
interface Embedded {
  store: string;
  imagesEncoded: number;
}

const json = <T>({ code, stdout, stderr }: Ran): T => {
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as T;
};
const embed = async (source: string, ...options: string[]): Promise<Embedded> =>
  json(await runCli('embed', source, ...QUICK, '--json', ...options));

beforeAll(async () => {
  await makeDataset(original, PAIRS);
  expected = json(await runCli('select', original, ...CHOICE));
  server = await startProcess(CLI, () => undefined);
  client = await Client.connect(server.handshake);
});
afterAll(async () => {
  client?.dispose();
  await server?.stop();
});

/** What the editor asks for of a dataset: it must come to the same at any path. */
async function worksAt(source: string, place: { store?: string } = {}): Promise<void> {
  const params = { source, device: 'cpu', model: quickModel(), ...place } as const;
  const chosen = await client.request('select', { ...params, budget: '6', kmeans: 3, evaluate: false });
  expect(chosen.objective).toEqual(expected.objective);
  const { subset } = chosen;
  expect(subset).toBe(join(source, 'subsets', 'clipcov-6.clipcov.json'));
  expect(await client.request('evaluate', { ...params, subset })).toEqual(expected.evaluation);

  for (const format of ['openclip-csv', 'imagefolder', 'clip-retrieval'] as const) {
    const out = join(scratch, 'out', `${Math.random()}`);
    expect(await client.request('export', { subset, format, out, ...place })).toMatchObject({ rows: 6 });
    expect(existsSync(out)).toBe(true);
  }
  const { rows } = await client.request('page', { subset, offset: 0, limit: 100 });
  expect(rows.map(({ id }) => id)).toEqual(expected.ids);
  expect(await client.request('openSubset', { subset })).toMatchObject({ source: join(source, 'pairs.csv') });
  const shown = await client.request('thumbnails', { subset, ids: expected.ids });
  expect(shown.map(({ reason }) => reason)).toEqual(expected.ids.map(() => undefined));
}

describe('a dataset may lie at any path', () => {
  const long = Array.from({ length: 6 }, (_, i) => `${i}${'long folder name '.repeat(6)}`.trim()).join('/');
  const composed = 'données 数据 🖼️'.normalize('NFC');
  it.each([
    [
      'spaces, quotes, signs that mean something elsewhere, and unicode in either form',
      `it's "so" \`called\` a[1]{b}*#%20&$HOME;é/${composed}/${composed.normalize('NFD')}`,
    ],
    ['more than 250 characters, and a name as long as names may be', `${long}/${'n'.repeat(250)}`],
  ])(
    '%s',
    async (_, name) => {
      const dataset = join(scratch, 'paths', name);
      cpSync(original, dataset, { recursive: true });
      for (const made of ['.clipcov', 'subsets']) rmSync(join(dataset, made), { recursive: true });
      // Embeddings elsewhere, below a folder of that name; the first also within the dataset.
      await worksAt(dataset, { store: join(scratch, 'stores of', name) });
      if (name.includes('$HOME')) await worksAt(dataset);
    },
    60_000,
  );

  it('except where DuckDB does not take it, which is said with the way out', async () => {
    const dataset = join(scratch, 'paths', 'what?');
    await makeDataset(dataset, PAIRS);
    const refused = await runCli('embed', dataset, ...QUICK);
    expect(refused.stderr).toMatch(/“\?” in its name.*--store/);
    expect(refused.code).toBe(1);
    await worksAt(dataset, { store: join(scratch, 'stores') });
  }, 60_000);

  it('a link to a folder', async () => {
    const link = join(scratch, 'link');
    symlinkSync(original, link);
    await worksAt(link);
    expect((await embed(link)).imagesEncoded).toBe(0);
  }, 60_000);

  it('another one than before: a moved folder takes embeddings and subsets with it', async () => {
    const [before, after] = [join(scratch, 'before'), join(scratch, 'elsewhere', 'after')];
    cpSync(original, before, { recursive: true, preserveTimestamps: true });
    mkdirSync(dirname(after));
    renameSync(before, after);
    expect((await embed(after)).imagesEncoded).toBe(0);
    const subset = join(after, relative(original, expected.subset));
    const evaluation = await client.request('evaluate', {
      source: after,
      subset,
      device: 'cpu',
      model: quickModel(),
    });
    expect(evaluation).toEqual(expected.evaluation);
  }, 60_000);
});

describe('one folder of embeddings serves many datasets', () => {
  const stores = join(scratch, 'stores');

  it('with a folder of its own for each, by its real path', async () => {
    const datasets = ['one/pictures', 'two/pictures'].map((name) => join(scratch, name));
    for (const dataset of datasets) await makeDataset(dataset, PAIRS);
    const places = [];
    for (const dataset of datasets) places.push((await embed(dataset, '--store', stores)).store);
    const folders = places.map((store) => relative(stores, store).split('/')[0]!);
    for (const folder of folders) expect(folder).toMatch(/^pictures-[0-9a-f]{8}$/);
    expect(new Set(folders).size).toBe(2);
    for (const dataset of datasets) expect(existsSync(join(dataset, '.clipcov'))).toBe(false);

    const link = join(scratch, 'three');
    symlinkSync(datasets[0]!, link);
    expect(await embed(link, '--store', stores)).toMatchObject({ store: places[0], imagesEncoded: 0 });
  }, 60_000);

  it('and subsets of a folder that nobody may write to, shown where that folder is approved', async (test) => {
    const dataset = join(scratch, 'locked');
    await makeDataset(dataset, PAIRS);
    const lock = readOnly(dataset);
    if (!lock) return test.skip('neither permissions nor mounts make a folder read-only here');
    try {
      const refused = await lock.run('select', dataset, ...CHOICE);
      expect(refused.stderr).toMatch(/Cannot write: .*--store, setting clipcov.storeFolder/);
      expect(refused.code).toBe(1);

      const selected = await lock.run('select', dataset, ...CHOICE, '--store', stores);
      const { subset, warnings, ...found } = json<typeof expected>(selected);
      const { ids } = expected;
      expect({ ids: found.ids, objective: found.objective, evaluation: found.evaluation }).toEqual({
        ...{ ids, objective: expected.objective, evaluation: expected.evaluation },
      });
      expect(relative(stores, subset)).toMatch(/^locked-[0-9a-f]{8}\/subsets\/clipcov-6\.clipcov\.json$/);
      expect(warnings.at(-1)).toContain(`the subset lies in ${dirname(subset)}`);
      // Documents travel: no place of this machine stands in one.
      expect(readFileSync(subset, 'utf8')).not.toContain(scratch);

      const place = ['--store', stores, ...QUICK, '--json'];
      const evaluated = await lock.run('evaluate', dataset, '--subset', subset, ...place);
      expect(json(evaluated)).toEqual(expected.evaluation);
      const target = ['--format', 'clip-retrieval', '--out', join(scratch, 'of locked')];
      json(await lock.run('export', subset, ...target, '--store', stores, '--json'));
      const [hidden] = await client.request('thumbnails', { subset, ids });
      expect(hidden!.reason).toMatch(/outside/);
      const shown = await client.request('thumbnails', { subset, ids, approvedRoots: [scratch] });
      expect(shown.every(({ uri }) => uri?.startsWith('data:image/webp'))).toBe(true);
    } finally {
      lock.release();
    }
  }, 60_000);

  it('and says so where embeddings are there already and may not be changed', async (test) => {
    const dataset = join(scratch, 'embedded');
    cpSync(original, dataset, { recursive: true });
    const lock = readOnly(dataset, join('.clipcov', 'pairs.csv', 'catalogue.duckdb'));
    if (!lock) return test.skip('neither permissions nor mounts make a folder read-only here');
    try {
      const { stderr } = await lock.run('embed', dataset, ...QUICK);
      expect(stderr).toMatch(/Cannot write: .*--store, setting clipcov.storeFolder/);
    } finally {
      lock.release();
    }
  });
});

/**
 * Makes a folder, and a file in it, read-only for the commands that `run` runs. Permissions do not bind the superuser: his
 * commands see the folder mounted read-only, in a mount namespace of their own. Null where the system allows neither.
 */
function readOnly(
  folder: string,
  file = '.',
): { run(...args: string[]): Promise<Ran>; release(): void } | null {
  if (process.getuid?.() !== 0) {
    for (const path of [join(folder, file), folder]) chmodSync(path, 0o555);
    return { run: runCli, release: () => chmodSync(folder, 0o755) };
  }
  const script = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"';
  const mounted = (...args: string[]): string[] => ['-m', 'sh', '-c', script, folder, ...args];
  if (spawnSync('unshare', mounted('true')).status !== 0) return null;
  const run = (...args: string[]): Promise<Ran> =>
    runCommand('unshare', mounted(process.execPath, CLI, ...args)).ended;
  return { run, release: () => undefined };
}
