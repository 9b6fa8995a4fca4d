import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CancellationTokenSource } from 'vscode-jsonrpc';
import { Client } from '../../extension/server/client.js';
import { startProcess } from '../../extension/server/process.js';
import { npyBytes } from '../../server/embeddings/npy.js';
import { quickModel } from '../bench/quickModel.js';
import { assemble } from '../demo/assemble.js';
import { Random } from '../fuzz/random.js';
import { CLI } from '../server/cli.js';
import { growth, quarters, usageOf, type Quantity, type Usage } from './usage.js';

export interface Soaked {
  rounds: number;
  /** How often each thing was done. */
  done: Record<string, number>;
  /** Medians of the second quarter and of the last. */
  usage: Record<Quantity, [early: number, late: number]>;
  grown: string | null;
}

const model = quickModel();
const BUDGETS = ['5%', '10%', '20%', '30%'];
const [ROWS, DIM] = [600, 16];
/** Until what a round began has ended: a thread is gone a little after its answer. */
const SETTLE_MS = 30;

/** Uses a real server as a window does, over and over, and measures what it takes. */
export async function soakServer(rounds: number, seed: number): Promise<Soaked> {
  const random = new Random(seed);
  const folder = mkdtempSync(join(tmpdir(), 'clipcov-soak-'));
  const [dataset, store, temporary] = ['icons', 'store', 'temporary'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  mkdirSync(temporary);
  await assemble(dataset, { pairs: 60 });
  writeStore(store, random);
  const server = await startProcess(CLI, () => undefined, { TMPDIR: temporary });
  const found: Soaked = { rounds: 0, done: {}, usage: quarters([]), grown: null };
  const samples: Usage[] = [];
  try {
    const first = await Client.connect(server.handshake);
    const { subset } = await first.request('select', {
      ...{ source: dataset, budget: '20%', device: 'cpu', model },
    });
    first.dispose();
    for (; found.rounds < rounds; found.rounds++) {
      const client = await Client.connect(server.handshake);
      const name = random.of(Object.keys(ACTIONS));
      await ACTIONS[name]!({ client, dataset, store, subset, random });
      client.dispose();
      found.done[name] = (found.done[name] ?? 0) + 1;
      await pause(SETTLE_MS);
      samples.push(usageOf(server.pid, [folder]));
      if (samples.length % 50 === 0)
        console.error(`${samples.length} rounds: ${JSON.stringify(samples.at(-1))}`);
    }
    return { ...found, usage: quarters(samples), grown: growth(samples) };
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Used {
  client: Client;
  dataset: string;
  store: string;
  subset: string;
  random: Random;
}

/** What a window does between its opening and its closing. */
const ACTIONS: Record<string, (used: Used) => Promise<unknown>> = {
  inspect: ({ client, dataset }) => client.request('inspect', { source: dataset, device: 'cpu', model }),
  select: ({ client, store, random }) => client.request('select', selection(store, random)),
  async browse({ client, subset, random }) {
    await client.request('openSubset', { subset });
    const { rows } = await client.request('page', { subset, offset: random.below(8), limit: 24 });
    await client.request('thumbnails', { subset, ids: rows.map(({ id }) => id) });
  },
  explain: ({ client, dataset, subset, random }) =>
    client.request('explain', { source: dataset, subset, id: random.below(40), device: 'cpu', model }),
  async cancel({ client, dataset, random }) {
    const cancelling = new CancellationTokenSource();
    const { token } = cancelling;
    const run = client.request('select', { ...selection(dataset, random), evaluate: true }, { token });
    const timer = setTimeout(() => cancelling.cancel(), random.below(600));
    await run.catch(cancelled);
    clearTimeout(timer);
    cancelling.dispose();
  },
  async leave({ client, store, random }) {
    const run = client.request('select', selection(store, random)).catch(() => undefined);
    await pause(random.below(400));
    // The window closes without a word.
    client.dispose();
    await run;
  },
  async refuse({ client }) {
    await client.request('inspect', { source: '/nowhere', device: 'cpu' }).then(
      () => Promise.reject(new Error('there is no such dataset')),
      () => undefined,
    );
  },
  export: ({ client, subset, random }) =>
    client.request('export', {
      subset,
      format: random.of(['jsonl', 'openclip-csv']),
      out: join(dirname(subset), 'exported.txt'),
    }),
};

function selection(
  source: string,
  random: Random,
): { source: string; budget: string; kmeans?: number; out: string; device: 'cpu'; model: string } {
  const classes = source.endsWith('store') ? { kmeans: 3 } : {};
  return { source, budget: random.of(BUDGETS), ...classes, out: 'soak', device: 'cpu', model };
}

function cancelled(error: unknown): void {
  if (!/cancel/i.test((error as Error).message)) throw error;
}

function writeStore(folder: string, random: Random): void {
  for (const side of ['img_emb', 'text_emb']) {
    mkdirSync(join(folder, side), { recursive: true });
    // float16 in ±[1, 2)
    const values = Uint16Array.from(
      { length: ROWS * DIM },
      () => 0x3c00 | random.below(1024) | (random.below(2) << 15),
    );
    writeFileSync(join(folder, side, `${side}_0.npy`), npyBytes(values, DIM));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [rounds = 1000, seed = 1] = process.argv.slice(2).map(Number);
  const soaked = await soakServer(rounds, seed);
  console.log(JSON.stringify(soaked));
  if (soaked.grown !== null) process.exitCode = 1;
}
