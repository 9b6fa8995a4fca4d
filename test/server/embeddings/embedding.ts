import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import sharp from 'sharp';
import { openSource } from '../../../server/dataset/source.js';
import { embedDataset, type EmbedResult } from '../../../server/embeddings/embedDataset.js';
import { createEncoder, type Encoder } from '../../../server/embeddings/encoder.js';
import { loadModel, type ProxyModel } from '../../../server/embeddings/model.js';
import { result } from '../storeResult.js';

/** The embedded model on the CPU, loaded once a test file. */
export interface Tools {
  model: ProxyModel;
  encoder: Encoder;
}

export async function loadTools(folder?: string): Promise<Tools> {
  const model = await loadModel(folder);
  return {
    model,
    encoder: await createEncoder(model, { name: 'cpu', report: { used: 'cpu', refused: [] } }),
  };
}

/** What `clipcov embed` does, from the sources. */
export async function embed(path: string, home: string, { model, encoder }: Tools): Promise<EmbedResult> {
  const source = await openSource(path);
  if (source.kind === 'store') throw new Error(`${path} is a store`);
  return embedDataset({
    source,
    model,
    encoder: async () => encoder,
    device: { name: 'cpu' },
    home,
    approvedRoots: [],
    context: { cancelled: () => false },
    onProgress: () => {},
  });
}

/** Every file below a folder with the hash of its bytes. */
export function contents(folder: string): Record<string, string> {
  if (!existsSync(folder)) return {};
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    entries
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((file) => [relative(folder, file), createHash('sha256').update(result(file)).digest('hex')]),
  );
}

/** A PNG that differs with its number, drawn without SVG: the product blocks that in its own process. */
export function paint(number: number): Promise<Buffer> {
  const edge = 32;
  const pixels = Buffer.from(
    Array.from({ length: edge * edge * 3 }, (_, i) => {
      const [x, y] = [Math.floor(i / 3) % edge, Math.floor(i / 3 / edge)];
      const turn = Math.floor(number / 256) * x * y;
      return (number * 53 + (i % 3) * 97 + (x - number) ** 2 + y * (number + 1) + turn) % 256;
    }),
  );
  return sharp(pixels, { raw: { width: edge, height: edge, channels: 3 } })
    .png()
    .toBuffer();
}
