import { readFileSync } from 'node:fs';
import { BatchSize } from '../../server/embeddings/batchSize.js';
import { encodeCaptions } from '../../server/embeddings/classEmbeddings.js';
import { createEncoder } from '../../server/embeddings/encoder.js';
import { loadModel } from '../../server/embeddings/model.js';
import { mapAhead } from '../../server/embeddings/parallel.js';
import { decodeImage } from '../../server/embeddings/pictures.js';
import { readPairs } from './iconPairs.js';

/**
 * The parts of embedding alone, by the product's own functions, in a process of its own: seconds for the images of LIST
 * to be decoded out of memory, for the pictures to be encoded in batches of IMAGES, and for the captions in batches of
 * CAPTIONS. `tsx alone.ts MODEL LIST IMAGES CAPTIONS`
 */
const [folder, list, images, captions] = process.argv.slice(2) as [string, string, string, string];
const size = Number(images);
const pairs = readPairs(list);
const model = await loadModel(folder);
const encoder = await createEncoder(model, { name: 'cpu', report: { used: 'cpu', refused: [] } });
const files = pairs.map(([path]) => readFileSync(path));

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

const pictures: Buffer[] = [];
const decode = await seconds(async () => {
  for await (const pixels of mapAhead(files, 48, (bytes) => decodeImage(bytes, model.pixels)))
    pictures.push(pixels);
});
// A first batch takes memory that all others find there.
await encoder.images(pictures.slice(0, size));
const encode = await seconds(async () => {
  for (let first = 0; first < pictures.length; first += size)
    await encoder.images(pictures.slice(first, first + size));
});
const text = await seconds(() =>
  encodeCaptions(
    encoder,
    pairs.map(([, caption]) => caption),
    model.dim,
    async () => undefined,
    new BatchSize(Number(captions)),
  ),
);
console.log(JSON.stringify({ decode, encode, text }));
await encoder.release();
