/**
 * Demonstration data with known faults: icons as image–caption pairs.
 *
 *   npx tsx test/demo/assemble.ts [OUT]        OUT is test/demo/data/icons where absent
 *
 *   OUT/pairs.csv           image,caption       OUT/images/000123.png|webp       OUT/ATTRIBUTION.md
 *   OUT.truth.jsonl         what every row is, beside the dataset (truth.ts)
 *   OUT.stamp               what the data was made from; nothing is done while it is current
 *
 * The same bytes come out of every run: all choices are seeded, and nothing depends on time or on the order of work.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { attribution } from './attribution.js';
import { boilerplate, csvField, mismatched, reworded } from './captions.js';
import { captionOf, draw, type Drawing, nearCopy, planDrawing } from './draw.js';
import { type IconSet, readIconSets } from './icons.js';
import { CLASS_EXPONENT, planRows } from './noise.js';
import { between, randomFor } from './random.js';
import { countKinds, type Kind, readTruth, type TruthRow, truthText } from './truth.js';
import { chooseIcons, className } from './zipf.js';

const HERE = fileURLToPath(new URL('.', import.meta.url));
export const DEFAULT_OUT = join(HERE, 'data', 'icons');
const IN_FLIGHT = 8;

export interface AssembleOptions {
  /** Readable pairs; the unreadable rows come on top. */
  pairs?: number;
  seed?: number;
}

export interface Assembled {
  table: string;
  truth: string;
  rows: number;
  kinds: Record<Kind, number>;
  /** Distinct classes: the model's, and the names that are none of them. */
  classes: { known: number; own: number };
  /** False where the data was there already. */
  made: boolean;
}

interface Row extends TruthRow {
  drawing: Drawing;
  caption: string;
  /** Path inside the dataset. */
  image: string;
}

export async function assemble(out: string, options: AssembleOptions = {}): Promise<Assembled> {
  const { pairs = 9600, seed = 1 } = options;
  const folder = resolve(out);
  const truth = `${folder}.truth.jsonl`;
  const stampFile = `${folder}.stamp`;
  const sets = readIconSets();
  const stamp = stampOf(sets, pairs, seed);
  const files = [join(folder, 'pairs.csv'), truth, stampFile];
  if (files.every((file) => existsSync(file)) && readFileSync(stampFile, 'utf8') === stamp) {
    return summary(folder, readTruth(truth), false);
  }

  const rows = planPairs(sets, pairs, seed);
  const aside = `${folder}.tmp`;
  // The stamp goes first and comes back last: data that a stopped run left half replaced is never taken for current.
  for (const path of [stampFile, aside]) rmSync(path, { recursive: true, force: true });
  mkdirSync(join(aside, 'images'), { recursive: true });
  await drawRows(rows, aside, seed);
  const lines = rows.map((row) => `${row.image},${csvField(row.caption)}\n`);
  writeFileSync(join(aside, 'pairs.csv'), `image,caption\n${lines.join('')}`);
  writeFileSync(join(aside, 'ATTRIBUTION.md'), attribution(sets));
  const known = rows.map(({ row, kind, of, icon, name, latentClass }): TruthRow => {
    return { row, kind, of, icon, name, latentClass };
  });
  rmSync(folder, { recursive: true, force: true });
  renameSync(aside, folder);
  writeFileSync(truth, truthText(known));
  writeFileSync(stampFile, stamp);
  return summary(folder, known, true);
}

/** Every row with its drawing and caption, before anything is drawn. */
function planPairs(sets: readonly IconSet[], pairs: number, seed: number): Row[] {
  const plan = planRows(pairs, randomFor(seed, 'noise'));
  const drawn = plan.filter((row) => row.of === null).length;
  const icons = sets.flatMap((set) => set.icons);
  const choices = chooseIcons(icons, drawn, CLASS_EXPONENT, randomFor(seed, 'icons')).values();
  const rows: Row[] = [];
  plan.forEach(({ kind, of }, row) => {
    const random = randomFor(seed, `row ${row}`);
    const original = of === null ? undefined : rows[of];
    let drawing = original?.drawing;
    if (drawing === undefined) {
      const { value: choice } = choices.next();
      if (choice === undefined) throw new Error('fewer icons were chosen than rows are drawn');
      drawing = planDrawing(choice, random);
    } else if (kind === 'near-duplicate') {
      drawing = { ...drawing, format: drawing.format === 'png' ? 'webp' : 'png' };
    }
    const { icon } = drawing;
    const right = captionOf(drawing);
    rows.push({
      row,
      kind,
      of,
      icon: `${icon.set}:${icon.id}`,
      name: icon.name,
      latentClass: icon.latentClass,
      drawing,
      caption: kind === 'near-duplicate' ? reworded(right, random) : right,
      image: `images/${String(row).padStart(6, '0')}.${drawing.format}`,
    });
  });
  const captions = rows.filter((row) => row.of === null).map((row) => row.caption);
  for (const row of rows) {
    const random = randomFor(seed, `caption ${row.row}`);
    if (row.kind === 'mismatched') row.caption = mismatched(row.caption, captions, random);
    if (row.kind === 'boilerplate') row.caption = boilerplate(random);
  }
  return rows;
}

/** Draws every original once and writes it with its copies, a few at a time. */
async function drawRows(rows: readonly Row[], folder: string, seed: number): Promise<void> {
  const copies = new Map<number, Row[]>();
  for (const row of rows) if (row.of !== null) copies.set(row.of, [...(copies.get(row.of) ?? []), row]);
  const originals = rows.filter((row) => row.of === null).values();
  const worker = async (): Promise<void> => {
    for (const original of originals) {
      const bytes = await draw(original.drawing);
      for (const row of [original, ...(copies.get(original.row) ?? [])]) {
        await writeFile(join(folder, row.image), await bytesOf(row, bytes, seed));
      }
    }
  };
  // One thread a picture: icons are too small to share out, and the pool keeps the cores busy.
  const threads = sharp.concurrency();
  sharp.concurrency(1);
  try {
    await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  } finally {
    sharp.concurrency(threads);
  }
}

async function bytesOf(row: Row, drawn: Buffer, seed: number): Promise<Buffer> {
  const random = randomFor(seed, `bytes ${row.row}`);
  switch (row.kind) {
    case 'near-duplicate':
      return nearCopy(drawn, row.drawing.format, random);
    case 'truncated':
      return drawn.subarray(0, Math.floor(drawn.length * between(random, 0.4, 0.7)));
    case 'zero-byte':
      return Buffer.alloc(0);
    default:
      return drawn;
  }
}

/** Changes with everything that the bytes depend on: these sources, the model's classes, packages and encoders. */
function stampOf(sets: readonly IconSet[], pairs: number, seed: number): string {
  const sources = readdirSync(HERE)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .sort()
    .map((file) => readFileSync(join(HERE, file), 'utf8'));
  const classes = sets.flatMap((set) => set.icons.map((icon) => icon.latentClass));
  const versions = sets.map((set) => `${set.prefix}@${set.version}`);
  const made = JSON.stringify({ sources, classes, versions, encoders: sharp.versions, pairs, seed });
  return `${createHash('sha256').update(made).digest('hex')}\n`;
}

function summary(folder: string, truth: readonly TruthRow[], made: boolean): Assembled {
  const own = new Set(truth.filter((row) => row.latentClass === null).map(className));
  const known = new Set(truth.filter((row) => row.latentClass !== null).map(className));
  return {
    table: join(folder, 'pairs.csv'),
    truth: `${folder}.truth.jsonl`,
    rows: truth.length,
    kinds: countKinds(truth),
    classes: { known: known.size, own: own.size },
    made,
  };
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const start = performance.now();
  const { table, rows, kinds, classes, made } = await assemble(process.argv[2] ?? DEFAULT_OUT);
  const counts = Object.entries(kinds).map(([kind, count]) => `${count} ${kind}`);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.error(
    `${table}: ${rows} rows (${counts.join(', ')}), ${classes.known} of the model's classes and ` +
      `${classes.own} other names, ${made ? `made in ${seconds} s` : 'current'}`,
  );
}
