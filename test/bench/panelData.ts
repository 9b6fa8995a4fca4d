import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { Database, sqlString } from '../../server/dataset/database.js';
import { writeSubset } from '../../server/export/subsetDocument.js';
import { pairTableFile } from '../../server/pairs/pairTable.js';
import { documentOf } from '../server/export/subsets.js';
import { FOLDER } from './synthetic.js';

const PICTURES = 512;
const CLASSES = 1000;

/** A dataset as it is once its pairs were read, without embeddings: what a panel needs, and any number of pairs. */
export interface PanelData {
  /** Every tenth pair is picked. */
  tenth: string;
  /** All pairs are. */
  whole: string;
}

/** Made once, kept for the next run. */
export async function panelData(pairs: number): Promise<PanelData> {
  const folder = join(FOLDER, `panel-${pairs}`);
  const data = {
    tenth: join(folder, 'subsets', 'tenth.clipcov.json'),
    whole: join(folder, 'subsets', 'whole.clipcov.json'),
  };
  if (existsSync(data.whole)) return data;
  mkdirSync(join(folder, 'subsets'), { recursive: true });
  mkdirSync(join(folder, 'images'), { recursive: true });
  writeFileSync(join(folder, 'pairs.csv'), 'image,caption\n');
  for (let i = 0; i < PICTURES; i++) writeFileSync(join(folder, 'images', `${i}.png`), await picture(i));
  const database = await Database.open();
  try {
    await database.run(
      `CREATE TABLE pairs AS SELECT row, row AS id, 'class ' || lpad(CAST(hash(row) % ${CLASSES} AS VARCHAR), 4, '0') AS latent_class,
         random() AS self_term, random() AS cross_term, random() AS label_term, random() AS inter_term,
         NULL::VARCHAR AS left_out, 'images/' || (row % ${PICTURES}) || '.png' AS image_path,
         'caption ' || row || ' of a picture that shows ' || md5(CAST(row AS VARCHAR)) || ' beside ' || md5(CAST(row + 1 AS VARCHAR)) AS caption
       FROM range(${pairs}) t(row)`,
    );
    for (const [file, which] of [
      [data.tenth, 'row % 10 = 3'],
      [data.whole, 'true'],
    ] as const) {
      const picks = file.replace('.clipcov.json', '.parquet');
      await database.run(
        `COPY (SELECT row, id, row_number() OVER (ORDER BY self_term DESC) - 1 AS rank, 2 * self_term AS gain, latent_class,
                 self_term AS clip_score, image_path, caption FROM pairs WHERE ${which} ORDER BY rank)
         TO ${sqlString(picks)} (FORMAT parquet)`,
      );
      const bytes = readFileSync(picks);
      const document = documentOf(which === 'true' ? pairs : Math.floor(pairs / 10), {
        picksFile: picks.split(/[\\/]/).at(-1)!,
        picksSha256: createHash('sha256').update(bytes).digest('hex'),
        dataset: { pairs, valid: pairs, fingerprint: 'synthetic' },
      });
      const table = pairTableFile(file, document, undefined);
      mkdirSync(join(table, '..'), { recursive: true });
      if (!existsSync(table))
        await database.run(
          `COPY (SELECT * FROM pairs ORDER BY row) TO ${sqlString(table)} (FORMAT parquet, ROW_GROUP_SIZE 4096)`,
        );
      await writeSubset(file, document);
    }
  } finally {
    database.close();
  }
  return data;
}

function picture(i: number): Promise<Buffer> {
  const background = { r: (i * 53) % 256, g: (i * 97) % 256, b: (i * 151) % 256 };
  return sharp({
    create: {
      width: 320,
      height: 240,
      channels: 3,
      background,
      noise: { type: 'gaussian', mean: 128, sigma: 40 },
    },
  })
    .png()
    .toBuffer();
}
