import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ClusterRun } from '../../server/cluster/run.js';
import { readSettings } from '../../server/cluster/settings.js';
import { Catalogue } from '../../server/dataset/catalogue.js';
import { chosenColumns, columnsDocument } from '../../server/dataset/chosenColumns.js';
import { Database } from '../../server/dataset/database.js';
import { imageRoots } from '../../server/dataset/roots.js';
import { openSource, type DatasetSource } from '../../server/dataset/source.js';
import { partPaths, partRows, readSkipped } from '../../server/embeddings/partFiles.js';
import { openStore, readPlan } from '../../server/embeddings/store.js';
import { checkPicks, picksPath, readPicks } from '../../server/export/picks.js';
import { readSubset } from '../../server/export/subsetDocument.js';
import { readClassified } from '../../server/jobs/classified.js';
import { lookAtPart } from '../../server/jobs/imageFacts.js';
import { keptGroups } from '../../server/jobs/keptMeasures.js';
import { idsFile, reportFile, rowsOfFindings } from '../../server/jobs/keptReport.js';
import { reportJob } from '../../server/jobs/reportJob.js';
import { selectJob } from '../../server/jobs/selectJob.js';
import { sweepJob } from '../../server/jobs/sweepJob.js';
import { requests } from '../../server/protocol/contract.js';
import { paint } from '../server/embeddings/embedding.js';
import type { Target } from './givenFiles.js';

/**
 * Files that ClipCov keeps itself. What has a checksum is never taken for something else: it is what was written, or it is
 * not there.
 */
export async function storedFiles(folder: string): Promise<Target[]> {
  const dataset = join(folder, 'stored');
  const table = await smallDataset(dataset);
  const { subset } = await runAll(dataset);
  const home = join(dataset, '.clipcov', 'pairs.csv');
  const names = readdirSync(home);
  const store = join(
    home,
    names.find((name) => name.startsWith('icon-clip-'))!,
  );
  const { parts, ...opened } = openStore(store);
  const [part] = parts;
  const paths = partPaths(store, 0, 1);
  const database = await Database.open();
  const source = (await openSource(table)) as DatasetSource;
  const roots = await imageRoots(dataset, []);
  const only = (name: string): string => join(home, name, readdirSync(join(home, name))[0]!);
  const document = await readSubset(subset);
  const rows = await partRows(paths, database);
  const measured = keptGroups(home);
  const facts = join(home, 'quality', 'images', '0.parquet');
  const look = (file: string): ReturnType<typeof lookAtPart> =>
    lookAtPart(part!, file, roots, database, async () => undefined);
  const looked = await look(facts);
  const classified = only('classified');
  const found = readClassified(classified, { ...opened, parts });
  const { fingerprint } = document.dataset;
  const run = await clusterRun(folder, dataset);
  const same = (value: unknown, expected: unknown): void => {
    if (value !== null) assert.deepEqual(value, expected);
  };
  const ofPart = (kind: 'metadata' | 'images' | 'texts'): Target => ({
    name: kind,
    sample: readFileSync(paths[kind]),
    read: async (file) => same(await partRows({ ...paths, [kind]: file }, database), rows),
  });
  const besides = (file: string, from: string): void => {
    mkdirSync(dirname(file), { recursive: true });
    copyFileSync(from, file);
  };
  const ofRun = (name: string, read: () => unknown): Target => ({
    name,
    sample: readFileSync(run.path(name)),
    async read(_, bytes) {
      const sound = readFileSync(run.path(name));
      writeFileSync(run.path(name), bytes);
      try {
        read();
      } finally {
        writeFileSync(run.path(name), sound);
      }
    },
  });
  return [
    ofPart('metadata'),
    ofPart('images'),
    ofPart('texts'),
    {
      name: 'skipped.jsonl',
      sample: readFileSync(paths.skipped),
      read: async (file) => readSkipped(file),
    },
    {
      name: 'plan.json',
      sample: readFileSync(join(store, 'plan.json')),
      read: async (file) => readPlan(dirname(file)),
    },
    {
      name: 'columns.json',
      sample: Buffer.from(columnsDocument({ image: 'image', caption: 'caption' })),
      read: async (file) => chosenColumns(dirname(file)),
    },
    {
      name: 'catalogue.duckdb',
      rarely: true,
      sample: readFileSync(join(home, 'catalogue.duckdb')),
      async read(file) {
        const catalogue = await Catalogue.open(dirname(file));
        try {
          await catalogue.load(source, async () => undefined);
          same((await catalogue.rows(0, 100)).length, 25);
        } finally {
          catalogue.close();
        }
      },
    },
    {
      name: 'result.clipcov.json',
      sample: readFileSync(subset),
      async read(file) {
        await checkPicks(subset, { ...(await readSubset(file)), picksFile: document.picksFile });
      },
    },
    {
      name: document.picksFile,
      rarely: true,
      sample: readFileSync(picksPath(subset, document)),
      async read(file, bytes) {
        const given = join(dirname(file), 'result.clipcov.json');
        if (!bytes.equals(readFileSync(picksPath(subset, document))))
          await assert.rejects(checkPicks(given, document), { code: 'picks-differ' });
        // A page of picks is read without going over all of them.
        await readPicks(file, 0, 10);
      },
    },
    {
      name: 'report.quality.json',
      sample: readFileSync(reportFile(home)),
      async read(file, bytes) {
        const own = dirname(file);
        besides(idsFile(own), idsFile(home));
        writeFileSync(reportFile(own), bytes);
        await rowsOfFindings(own, ['unreadable'], fingerprint);
      },
    },
    {
      name: 'findings.parquet',
      sample: readFileSync(idsFile(home)),
      async read(file, bytes) {
        const own = dirname(file);
        besides(reportFile(own), reportFile(home));
        writeFileSync(idsFile(own), bytes);
        await rowsOfFindings(own, ['unreadable'], fingerprint);
      },
    },
    {
      name: 'facts.parquet',
      rarely: true,
      sample: readFileSync(facts),
      read: async (file) => same(await look(file), looked),
    },
    {
      name: 'measured.json',
      sample: readFileSync(only('measured')),
      async read(file, bytes) {
        mkdirSync(join(dirname(file), 'measured'));
        writeFileSync(join(dirname(file), 'measured', 'a.json'), bytes);
        for (const { settings, runs } of keptGroups(dirname(file)))
          for (const one of runs)
            assert.ok(
              measured.some((group) => {
                assert.deepEqual(settings, group.settings);
                return group.runs.some((known) => JSON.stringify(known) === JSON.stringify(one));
              }),
            );
      },
    },
    {
      name: 'a.classified',
      sample: readFileSync(classified),
      read: async (file) => same(readClassified(file, { ...opened, parts }), found),
    },
    ofRun('run.json', () => ClusterRun.open(run.folder).stages),
    ofRun('done/embed-0.json', () => run.done('embed', 0)),
    ofRun('submissions/1.json', () => run.submissions()),
    {
      name: 'cluster.json',
      sample: Buffer.from(
        '{"partition":"gpu","time":"2:00:00","modules":["cuda/12"],"stages":{"select":{"gres":""}}}',
      ),
      read: async (file) => readSettings(dirname(file), {}),
    },
  ];
}

/** 24 pictures, and a row that names none. */
async function smallDataset(dataset: string): Promise<string> {
  mkdirSync(dataset);
  const lines = ['image,caption', 'none.png,nothing'];
  for (let i = 0; i < 24; i++) {
    writeFileSync(join(dataset, `${i}.png`), await paint(i));
    lines.push(`${i}.png,picture number ${i}`);
  }
  const table = join(dataset, 'pairs.csv');
  writeFileSync(table, `${lines.join('\n')}\n`);
  return table;
}

/** Everything that leaves files behind. */
async function runAll(dataset: string): Promise<{ subset: string }> {
  const context = { report: () => undefined, cancelled: () => false };
  const given = { source: dataset, device: 'cpu' as const };
  const selected = await selectJob(
    requests.select.parse({ ...given, budget: '8', nearDuplicates: 0.05, evaluate: true }),
    context,
  );
  await reportJob(requests.report.parse(given), context);
  await sweepJob(requests.sweep.parse({ ...given, budgets: '4,8', methods: ['clipcov'], seeds: 1 }), context);
  return selected;
}

async function clusterRun(folder: string, dataset: string): Promise<ClusterRun> {
  const run = await ClusterRun.create(join(folder, 'run'), {
    schema: 1,
    cwd: dataset,
    params: requests.select.parse({ source: dataset, budget: '8' }),
    shards: 1,
    skipped: [],
    settings: readSettings(folder, {}),
    round: 0,
  });
  await run.submitted('embed', '17', [0]);
  await run.perform('embed', 0, async () => {
    return { files: [join(dataset, 'pairs.csv')], device: 'cpu', pairs: 24, leftOut: 0, unreachable: 0 };
  });
  return run;
}
