import { join } from 'node:path';
import { siblings } from '../../dataset/members.js';
import type { ReadableImage } from '../../dataset/roots.js';
import { mapAhead } from '../../embeddings/parallel.js';
import { Random } from '../../selection/random.js';
import type { Exporter } from '../exporter.js';
import type { StoredPick } from '../picks.js';
import { shellWord } from '../shell.js';
import { produceFolder } from './folder.js';
import { imageExtension, lostWarning } from './imageExtension.js';
import { TarWriter } from './tarWriter.js';

const SAMPLES_PER_SHARD = 10_000;
/** Samples read ahead of the one that is written. */
const AHEAD = 16;

interface Sample {
  pick: StoredPick;
  /** By extension, the image first; null where the image cannot be read any more. */
  members: [extension: string, content: Uint8Array][] | null;
}

/**
 * WebDataset shards of 10,000 samples in seeded random order, since the greedy's order runs class by class. A sample that
 * comes out of a shard keeps all of its members, byte for byte, under the key of its id; any other is image and caption.
 */
export const webdataset: Exporter = async (subset, { out, checkpoint }) => {
  const find = await subset.images();
  const picks = await subset.picks();
  const order = new Random(subset.document.parameters.seed).sample(
    Int32Array.from(picks, (_, i) => i),
    picks.length,
  );
  const shards = Math.max(1, Math.ceil(picks.length / SAMPLES_PER_SHARD));
  const names = Array.from({ length: shards }, (_, i) => String(i).padStart(5, '0'));
  const lost: string[] = [];
  let done = 0;
  await produceFolder(out, async (aside) => {
    for (const [i, name] of names.entries()) {
      const own = order.subarray(i * SAMPLES_PER_SHARD, (i + 1) * SAMPLES_PER_SHARD);
      const writer = await TarWriter.create(join(aside, `${name}.tar`));
      try {
        for await (const { pick, members } of mapAhead(own, AHEAD, (at) => sampleOf(picks[at]!, find))) {
          if (members === null) lost.push(`${pick.image} (id ${pick.id})`);
          const key = String(pick.id).padStart(9, '0');
          for (const [extension, content] of members ?? []) await writer.add(`${key}${extension}`, content);
          if (++done % 100 === 0) await checkpoint(done);
        }
      } catch (error) {
        await writer.abandon();
        throw error;
      }
      await writer.close();
    }
  });
  const rows = picks.length - lost.length;
  const range = shards === 1 ? names[0]! : `{${names[0]}..${names.at(-1)}}`;
  // The braces are OpenCLIP's, not the shell's.
  const command =
    `python -m open_clip_train.main --train-data ${shellWord(join(out, `${range}.tar`))} --dataset-type webdataset ` +
    `--train-num-samples ${rows} --model ViT-B-32 --batch-size 256 --epochs 32 --workers 4`;
  return { rows, command, warnings: lostWarning(lost) };
};

async function sampleOf(
  pick: StoredPick,
  find: (pick: StoredPick) => Promise<ReadableImage | { reason: string }>,
): Promise<Sample> {
  try {
    const image = await find(pick);
    if ('reason' in image) return { pick, members: null };
    const beside = await siblings(image, pick.image!);
    if (beside) return { pick, members: beside };
    const content = await image.read();
    const caption = Buffer.from(pick.caption ?? '');
    return {
      pick,
      members: [
        [imageExtension(pick.image!, content), content],
        ['.txt', caption],
      ],
    };
  } catch {
    return { pick, members: null };
  }
}
