import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { largestBatch } from '../../../server/embeddings/largestBatch.js';
import { embeddedModelFolder, loadModel } from '../../../server/embeddings/model.js';
import type { Device } from '../../../server/engine/device.js';
import { scratchFolder } from '../cli.js';

const on = (name: Device['name']): Device => ({ name, report: { used: name, refused: [] } });

/** The embedded model's files with another idea of its image tower. */
async function batchOf(vision: object | undefined, edge: number): Promise<number> {
  const folder = join(scratchFolder(), 'model');
  cpSync(embeddedModelFolder(), folder, { recursive: true });
  const edit = (name: string, changes: object): void => {
    const file = join(folder, name);
    const before = JSON.parse(readFileSync(file, 'utf8')) as object;
    writeFileSync(file, JSON.stringify({ ...before, ...changes }));
  };
  edit('config.json', { vision_config: vision });
  edit('preprocessor_config.json', {
    size: { shortest_edge: edge },
    crop_size: { height: edge, width: edge },
  });
  return largestBatch(await loadModel(folder), on('webgpu'));
}

it('keeps every intermediate on an accelerator under 160 MiB', async () => {
  // 65 tokens, 4·256 wide: 260 KiB an image.
  expect(largestBatch(await loadModel(), on('webgpu'))).toBe(630);
  // ViT-B/32, as its config leaves everything out: 50 tokens, 3072 wide.
  expect(await batchOf(undefined, 224)).toBe(273);
  // ViT-L/14 at 336: the attention of 16 heads over 577 tokens.
  expect(await batchOf({ patch_size: 14, hidden_size: 1024, num_attention_heads: 16 }, 336)).toBe(7);
  // No transformer of one width: taken for that one all the same.
  expect(await batchOf({ hidden_size: [64, 256], patch_size: null }, 224)).toBe(273);
  expect(await batchOf({ patch_size: 1 }, 336)).toBe(2);
});

it('is no limit of the CPU', async () => {
  expect(largestBatch(await loadModel(), on('cpu'))).toBe(Infinity);
});
