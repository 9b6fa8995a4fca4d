import { mkdir, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { png } from './png.js';
import { draw, drawnPairs, EDGE } from './shapes.js';

/** Writes pictures and their table; refuses with `EEXIST` where the folder is there. */
export async function writeDemo(folder: string): Promise<void> {
  await mkdir(folder);
  await mkdir(path.join(folder, 'images'));
  const lines = ['image,caption'];
  for (const [index, pair] of drawnPairs().entries()) {
    const name = `images/${String(index).padStart(3, '0')}.png`;
    await writeFile(path.join(folder, name), await png(draw(pair), EDGE));
    lines.push(`${name},${pair.caption}`);
  }
  await writeFile(path.join(folder, 'pairs.csv'), `${lines.join('\n')}\n`);
}
