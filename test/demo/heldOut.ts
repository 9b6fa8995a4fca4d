import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { tarFile } from '../server/dataset/tarFile.js';
import { readIconSets } from './icons.js';

const MODEL = fileURLToPath(new URL('../../models/icon-clip/', import.meta.url));

interface HeldOut {
  set: string;
  icon: string;
  caption: string;
  latentClass: string | null;
}

/** The held-out icons of a set, drawn as the model's card says. */
async function drawn(prefix: string): Promise<(HeldOut & { png: Buffer })[]> {
  const icons = new Map(
    readIconSets()
      .find((set) => set.prefix === prefix)!
      .icons.map((icon) => [icon.id, icon]),
  );
  const lines = readFileSync(join(MODEL, 'heldout.jsonl'), 'utf8').trim().split('\n');
  const found: (HeldOut & { png: Buffer })[] = [];
  for (const one of lines.map((line) => JSON.parse(line) as HeldOut)) {
    const icon = icons.get(one.icon);
    if (one.set !== prefix || !icon) continue;
    const body = icon.body.replaceAll('currentColor', '#000');
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64" viewBox="${icon.viewBox}">${body}</svg>`;
    const png = sharp(Buffer.from(svg))
      .resize(64, 64, { fit: 'contain', background: '#fff' })
      .flatten({ background: '#fff' });
    found.push({ ...one, png: await png.png().toBuffer() });
  }
  return found;
}

/**
 * The icons that icon-clip was not trained on, as labelled sets below a folder: `lucide`, a WebDataset of CLIP_benchmark's
 * layout for retrieval, and `carbon/labels.csv`, a table of classes. Returns their paths.
 */
export async function layHeldOut(folder: string): Promise<{ lucide: string; carbon: string }> {
  const lucide = join(folder, 'lucide');
  const carbon = join(folder, 'carbon', 'labels.csv');

  const icons = await drawn('lucide');
  mkdirSync(join(lucide, 'test'), { recursive: true });
  const members = icons.flatMap(({ png, caption }, i) => [
    { name: `s${i}.png`, content: png },
    { name: `s${i}.txt`, content: caption },
  ]);
  writeFileSync(join(lucide, 'test', '0.tar'), tarFile(members));
  writeFileSync(join(lucide, 'dataset_type.txt'), 'retrieval\n');
  const classified = (await drawn('carbon')).filter(({ latentClass }) => latentClass !== null);
  mkdirSync(join(folder, 'carbon', 'images'), { recursive: true });
  classified.forEach(({ png }, i) => writeFileSync(join(folder, 'carbon', 'images', `${i}.png`), png));
  const rows = classified.map(({ latentClass }, i) => `images/${i}.png,${latentClass}\n`);
  writeFileSync(carbon, `image,label\n${rows.join('')}`);
  const names = JSON.parse(readFileSync(join(MODEL, 'classes.json'), 'utf8')) as string[];
  writeFileSync(join(folder, 'carbon', 'classnames.txt'), `${names.join('\n')}\n`);
  const templates = 'zeroshot_classification_templates.txt';
  copyFileSync(join(MODEL, templates), join(folder, 'carbon', templates));
  return { lucide, carbon };
}
