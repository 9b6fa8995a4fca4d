import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { CLI, median } from './measure.js';
import { quickModel } from './quickModel.js';
import { FOLDER } from './synthetic.js';

/**
 * Whether memory grows while a long dataset is embedded: resident memory of the program, seen from outside, around row
 * 20,000 and at the end. `npm run bench:memory [PAIRS] [MODEL]`: 200000 distinct pictures and, where no model is named,
 * one whose image tower does next to nothing, so that all else is gone through quickly.
 */
const pairs = Number(process.argv[2] ?? 200_000);
const model = process.argv[3] ?? quickModel(join(FOLDER, 'quick-clip'));
const EARLY = 20_000;
const PART = 1024;

/** A folder of small pictures, each with its number in its pixels, a thousand a folder, and a table of them. */
async function numbered(folder: string): Promise<string> {
  const table = join(folder, 'pairs.csv');
  if (existsSync(table)) return table;
  const lines = ['image,caption'];
  for (let first = 0; first < pairs; first += 1000) {
    const below = join(folder, String(first));
    mkdirSync(below, { recursive: true });
    await Promise.all(
      Array.from({ length: Math.min(1000, pairs - first) }, async (_, i) => {
        const number = first + i;
        const pixels = Buffer.alloc(16 * 16 * 3, number % 251);
        pixels.writeUInt32LE(number);
        const png = await sharp(pixels, { raw: { width: 16, height: 16, channels: 3 } })
          .png()
          .toBuffer();
        writeFileSync(join(below, `${number}.png`), png);
      }),
    );
    for (let i = first; i < Math.min(pairs, first + 1000); i++) lines.push(`${first}/${i}.png,picture ${i}`);
  }
  writeFileSync(table, lines.join('\n'));
  return table;
}

/** Rows of finished parts below a folder. */
function rowsDone(folder: string): number {
  const parts = existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
        /metadata_\d+\.parquet$/.test(name),
      )
    : [];
  return parts.length * PART;
}

function residentMiB(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

const home = join(FOLDER, 'memory');
rmSync(home, { recursive: true, force: true });
const table = await numbered(join(FOLDER, `numbered-${pairs}`));
const options = ['--model', model, '--store', home, '--device', 'cpu'];
// As it is called by name: its first line sets where its memory is taken from.
const child = spawn(CLI, ['embed', table, ...options], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
const samples: { rows: number; resident: number }[] = [];
const poll = setInterval(() => {
  try {
    samples.push({ rows: rowsDone(home), resident: residentMiB(child.pid!) });
  } catch {
    // It has ended.
  }
}, 250);
const code = await new Promise<number | null>((ended) => child.on('close', ended));
clearInterval(poll);
if (code !== 0) throw new Error(`clipcov embed ended with ${code}`);
const around = (rows: number): number =>
  median(samples.filter((one) => Math.abs(one.rows - rows) <= EARLY / 4).map(({ resident }) => resident));
for (let rows = EARLY; rows <= pairs; rows += EARLY)
  console.log(`  after ${rows}: ${(around(rows) / around(EARLY)).toFixed(3)} of the memory after ${EARLY}`);
console.log(`at the end / after ${EARLY}: ${(around(pairs) / around(EARLY)).toFixed(3)} (within 1.05)`);
