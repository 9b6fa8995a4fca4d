import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '../../extension/server/client.js';
import { startProcess } from '../../extension/server/process.js';

/**
 * The main job and what surrounds it on a hostile dataset, as a program of its own that can be traced: from the command line,
 * and over a socket. Fails where a hostile row was taken, or something sound was not done.
 */
const [cli, dataset, stores, out, sound] = process.argv.slice(2) as [string, string, string, string, string];
const source = join(dataset, 'pairs.csv');
const subset = join(dataset, 'subsets', 'clipcov-4.clipcov.json');

const args = ['select', source, '--budget', '4', '--kmeans', '2', '--store', stores, '--device', 'cpu'];
execFileSync(process.execPath, [cli, ...args], { stdio: 'pipe' });
const { skipped, dataset: counted } = JSON.parse(readFileSync(subset, 'utf8')) as {
  skipped: { total: number };
  dataset: { pairs: number };
};
assert.equal(skipped.total, counted.pairs - Number(sound));

const server = await startProcess(cli, () => undefined);
try {
  const client = await Client.connect(server.handshake);
  const given = { source, store: stores, device: 'cpu' } as const;
  await client.request('inspect', given);
  await client.request('evaluate', { ...given, subset });
  await client.request('report', given);
  await client.request('export', { subset, store: stores, format: 'webdataset', out: join(out, 'shards') });
  const { rows } = await client.request('page', { subset, offset: 0, limit: 100 });
  await client.request('explain', { ...given, subset, id: rows[0]!.id });
  await client.request('readPairs', { ...given, subset });
  const ids = Array.from({ length: counted.pairs }, (_, id) => id);
  await client.request('pairsById', { subset, store: stores, ids });
  const shown = await client.request('thumbnails', { subset, store: stores, ids });
  assert.equal(shown.filter(({ uri }) => uri !== undefined && uri !== null).length, Number(sound));

  // The same subset, from somebody who would like to see pictures of another folder.
  const elsewhere = subset.replace('clipcov-4', 'elsewhere');
  writeFileSync(
    elsewhere,
    readFileSync(subset, 'utf8').replace('"imageRoot": ".."', '"imageRoot": "../../outside"'),
  );
  assert.match(readFileSync(elsewhere, 'utf8'), /outside"/);
  const picked = rows.map(({ id }) => id);
  const hidden = await client.request('thumbnails', { subset: elsewhere, store: stores, ids: picked });
  assert.ok(hidden.every(({ reason }) => /approved/.test(reason ?? '')));
  client.dispose();
} finally {
  await server.stop();
}
