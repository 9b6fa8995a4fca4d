import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { embeddedModelFolder } from '../../server/embeddings/model.js';
import { PLAN_FILE, type StorePlan } from '../../server/embeddings/store.js';
import { cpuThreads } from '../../server/engine/device.js';
import { iconPairs, type IconPairs } from './iconPairs.js';
import { CLI, measure, median, PEER } from './measure.js';
import { FOLDER } from './synthetic.js';
import { vitModel } from './vitGraph.js';

/**
 * Embedding as ratios, each side measured in this run, in turns: to what its parts take alone, and to Transformers.js by
 * its own documentation. `npm run bench:embed [ROUNDS]` on an idle machine, 5 rounds where nothing is said; needs the
 * npm registry once.
 */
const rounds = Number(process.argv[2] ?? 5);
const ALONE = fileURLToPath(new URL('./alone.ts', import.meta.url));
/** For this benchmark alone, in a folder with a lockfile of its own: no part of the product or its tests. */
const TRANSFORMERS = join(PEER, 'transformers');
const PEER_SIZES = [2, 4, 8, 16, 32, 64];
const PEER_TRIAL = 256;

interface Embedded {
  /** From the dataset's files to the written store, without loading the model. */
  seconds: number;
  batch: Required<NonNullable<StorePlan['batch']>>;
}

/** `clipcov embed`, called by name, into a store that is not there yet. */
async function embed(model: string, { table, pairs }: IconPairs): Promise<Embedded> {
  const home = join(FOLDER, 'embedded');
  rmSync(home, { recursive: true, force: true });
  const options = ['--model', model, '--store', home, '--device', 'cpu', '--json'];
  const { stdout } = await measure(CLI, ['embed', table, ...options]);
  const { embedded, seconds, store } = JSON.parse(stdout) as {
    embedded: number;
    seconds: Record<string, number>;
    store: string;
  };
  if (embedded !== pairs) throw new Error(`${embedded} of ${pairs} pairs were embedded`);
  const { batch } = JSON.parse(readFileSync(join(store, PLAN_FILE), 'utf8')) as StorePlan;
  const all = { device: 'cpu', images: 16, captions: 64, ...batch };
  return { seconds: seconds['embed']!, batch: all };
}

interface Alone {
  decode: number;
  encode: number;
  text: number;
}

async function alone(
  model: string,
  { list }: IconPairs,
  { images, captions }: Embedded['batch'],
): Promise<Alone> {
  const args = ['--import', 'tsx', ALONE, model, list, String(images), String(captions)];
  return JSON.parse((await measure(process.execPath, args)).stdout) as Alone;
}

/** Seconds by size of batch. */
async function transformers(
  model: string,
  { list }: IconPairs,
  sizes: number[],
  pairs: number,
): Promise<Record<number, number>> {
  const args = [
    join(TRANSFORMERS, 'embed.mjs'),
    model,
    list,
    String(cpuThreads()),
    sizes.join(),
    String(pairs),
  ];
  return JSON.parse((await measure(process.execPath, args)).stdout) as Record<number, number>;
}

function spread(values: number[]): string {
  return `${median(values).toFixed(2)} (${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)})`;
}

/** The share of what is possible where decoding and encoding take turns on the same cores and nothing else takes time. */
async function againstParts(title: string, model: string, data: IconPairs): Promise<void> {
  console.log(`\n${title}, ${data.pairs} pairs, ${cpuThreads()} threads: embedding / its parts alone`);
  let { batch } = await embed(model, data);
  const ratios: number[] = [];
  const withText: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const before = await alone(model, data, batch);
    const product = await embed(model, data);
    const after = await alone(model, data, batch);
    batch = product.batch;
    const part = (name: keyof Alone): number => (before[name] + after[name]) / 2;
    ratios.push((part('decode') + part('encode')) / product.seconds);
    withText.push((part('decode') + part('encode') + part('text')) / product.seconds);
  }
  console.log(`  decoding and encoding images: ${spread(ratios)} (at least 0.9)`);
  console.log(`  and encoding captions: ${spread(withText)}`);
  console.log(`  batches: ${batch.images} images, ${batch.captions} captions`);
}

async function againstTransformers(data: IconPairs): Promise<void> {
  const model = embeddedModelFolder();
  if (!existsSync(join(TRANSFORMERS, 'node_modules')))
    execFileSync('npm', ['ci', '--ignore-scripts'], { cwd: TRANSFORMERS, stdio: 'inherit' });
  console.log(
    `\nicon-clip, ${data.pairs} pairs, ${cpuThreads()} threads: images/s over those of Transformers.js`,
  );
  const tried = await transformers(model, data, PEER_SIZES, PEER_TRIAL);
  const best = PEER_SIZES.reduce((a, b) => (tried[b]! < tried[a]! ? b : a));
  const atBest: number[] = [];
  const oneByOne: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const peer = await transformers(model, data, [best, 1], data.pairs);
    const { seconds } = await embed(model, data);
    atBest.push(peer[best]! / seconds);
    oneByOne.push(peer[1]! / seconds);
  }
  console.log(`  its best batches (of ${best}): ${spread(atBest)} (at least 1)`);
  console.log(`  one image after another: ${spread(oneByOne)} (at least 1.5)`);
}

mkdirSync(FOLDER, { recursive: true });
const icons = await iconPairs(join(FOLDER, 'icons-2048'), 2048);
await againstTransformers(icons);
await againstParts('icon-clip', embeddedModelFolder(), icons);
const few = await iconPairs(join(FOLDER, 'icons-256'), 256);
await againstParts('a CLIP of ViT-B/32’s size', vitModel(join(FOLDER, 'vit-b-32')), few);
