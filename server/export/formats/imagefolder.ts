import { createWriteStream } from 'node:fs';
import { constants, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isInsideFile } from '../../dataset/roots.js';
import type { Exporter } from '../exporter.js';
import { shellWord } from '../shell.js';
import { produceFolder } from './folder.js';
import { imageExtension, lostWarning } from './imageExtension.js';

/**
 * Hugging Face's imagefolder: `metadata.jsonl` with `file_name, text` and what ClipCov knows of each pick, beside the
 * images. Those are copied, sharing their blocks where the file system can.
 */
export const imagefolder: Exporter = async (subset, { out, checkpoint }) => {
  const find = await subset.images();
  const lost: string[] = [];
  let rows = 0;
  await produceFolder(out, async (aside) => {
    async function* lines(): AsyncGenerator<string> {
      for await (const picks of subset.pages())
        for (const pick of picks) {
          if ((rows + lost.length) % 100 === 0) await checkpoint(rows);
          const image = await find(pick);
          if ('reason' in image) {
            lost.push(`${pick.image ?? 'no image'} (id ${pick.id})`);
            continue;
          }
          // A thousand a folder: some file systems grow slow with more.
          const folder = `images/${String(Math.floor(rows / 1000)).padStart(5, '0')}`;
          await mkdir(join(aside, folder), { recursive: true });
          const content = isInsideFile(pick.image!) ? await image.read() : null;
          const extension = content
            ? imageExtension(pick.image!, content)
            : extname(pick.image!).toLowerCase();
          const name = `${folder}/${String(pick.id).padStart(9, '0')}${extension}`;
          if (content) await writeFile(join(aside, name), content);
          else await copyFile(image.path, join(aside, name), constants.COPYFILE_FICLONE);
          rows++;
          const { caption, rank, gain, latentClass, clipScore } = pick;
          yield `${JSON.stringify({ file_name: name, text: caption, rank, gain, latent_class: latentClass, clip_score: clipScore })}\n`;
        }
    }
    await pipeline(Readable.from(lines()), createWriteStream(join(aside, 'metadata.jsonl')));
  });
  return {
    rows,
    command: `python -c 'import sys, datasets; print(datasets.load_dataset("imagefolder", data_dir=sys.argv[1]))' ${shellWord(out)}`,
    warnings: lostWarning(lost),
  };
};
