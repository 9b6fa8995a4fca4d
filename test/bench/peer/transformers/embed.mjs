// Embeds the first PAIRS images and captions of LIST as the library's own documentation does: read, processor,
// tokenizer, both towers. For the benchmark alone. node embed.mjs MODEL LIST THREADS SIZES PAIRS
// → JSON: seconds by size of batch, without loading.
import {
  AutoProcessor,
  AutoTokenizer,
  CLIPTextModelWithProjection,
  CLIPVisionModelWithProjection,
  env,
  RawImage,
} from '@huggingface/transformers';
import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';

const [model, list, threads, sizes, count] = process.argv.slice(2);
env.allowRemoteModels = false;
env.localModelPath = dirname(model);
const name = basename(model);
const options = {
  dtype: 'fp32',
  device: 'cpu',
  session_options: { intraOpNumThreads: Number(threads), logSeverityLevel: 3 },
};
const processor = await AutoProcessor.from_pretrained(name);
const tokenizer = await AutoTokenizer.from_pretrained(name);
const vision = await CLIPVisionModelWithProjection.from_pretrained(name, options);
const text = await CLIPTextModelWithProjection.from_pretrained(name, options);
const pairs = readFileSync(list, 'utf8')
  .trimEnd()
  .split('\n')
  .slice(0, Number(count))
  .map((line) => line.split('\t'));

async function embed(batch) {
  const images = await Promise.all(batch.map(([path]) => RawImage.read(path)));
  await vision(await processor(images));
  await text(
    tokenizer(
      batch.map(([, caption]) => caption),
      { padding: true, truncation: true },
    ),
  );
}

const seconds = {};
for (const size of sizes.split(',').map(Number)) {
  await embed(pairs.slice(0, size));
  const start = performance.now();
  for (let first = 0; first < pairs.length; first += size) await embed(pairs.slice(first, first + size));
  seconds[size] = (performance.now() - start) / 1000;
}
console.log(JSON.stringify(seconds));
