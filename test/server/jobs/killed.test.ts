import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { Client } from '../../../extension/server/client.js';
import { startProcess } from '../../../extension/server/process.js';
import { PLAN_FILE } from '../../../server/embeddings/store.js';
import { drawn } from '../../demo/drawn.js';
import { CLI, scratchFolder } from '../cli.js';

const KILLS = 3;
const PARAMS = { budget: '20%', device: 'cpu', nearDuplicates: 0.05, evaluate: true } as const;

it('ends in the same bytes after the server was killed at three points of an embedding', async () => {
  const folder = scratchFolder();
  const [quiet, killed] = [join(folder, 'quiet', 'icons'), join(folder, 'killed', 'icons')];
  const { rows } = await drawn(quiet, 1300);
  cpSync(quiet, killed, { recursive: true });
  await run(quiet, null);
  for (let i = 0; i < KILLS; i++)
    expect(await run(killed, Math.floor(((i + 0.5) * rows) / KILLS))).toBe('killed');
  expect(await run(killed, null)).toBe('done');
  const expected = contents(quiet);
  expect(expected.filter(([name]) => name.endsWith('.npy')).length).toBe(4);
  expect(expected.some(([name]) => name.endsWith('.clipcov.json'))).toBe(true);
  expect(contents(killed)).toEqual(expected);
}, 600_000);

/** Runs the main job in a server of its own; kills the process once the embedding has come to `at` pairs. */
async function run(source: string, at: number | null): Promise<'done' | 'killed'> {
  const server = await startProcess(CLI, () => undefined);
  const client = await Client.connect(server.handshake);
  let dead = false;
  try {
    await client.request(
      'select',
      { source, ...PARAMS },
      {
        onProgress: ({ stage, done }) => {
          if (at === null || dead || stage !== 'embed' || done < at) return;
          dead = true;
          process.kill(server.pid, 'SIGKILL');
        },
      },
    );
    return 'done';
  } catch (error) {
    if (!dead) throw error;
    return 'killed';
  } finally {
    client.dispose();
    await server.stop();
  }
}

/** Every stored file with the hash of its bytes; of a plan without the batch sizes, which each store finds by timing. Catalogue and classified are caches and no part of the result. */
function contents(dataset: string): [string, string][] {
  const files: [string, string][] = [];
  const walk = (folder: string): void => {
    for (const name of readdirSync(folder).sort()) {
      const path = join(folder, name);
      if (statSync(path).isDirectory()) {
        if (name !== 'classified') walk(path);
      } else if (!name.startsWith('catalogue.duckdb')) {
        const bytes = name === PLAN_FILE ? withoutBatch(path) : readFileSync(path);
        files.push([relative(dataset, path), createHash('sha256').update(bytes).digest('hex')]);
      }
    }
  };
  for (const part of ['.clipcov', 'subsets']) if (existsSync(join(dataset, part))) walk(join(dataset, part));
  return files;
}

function withoutBatch(plan: string): string {
  return JSON.stringify({ ...JSON.parse(readFileSync(plan, 'utf8')), batch: undefined });
}
