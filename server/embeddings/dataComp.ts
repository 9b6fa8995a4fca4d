import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ClipcovError } from '../errors.js';
import { openNpz } from './npz.js';
import { openStore, type EmbeddingStore, type StorePart } from './store.js';

/** The models whose embeddings DataComp's metadata hold: ViT-L/14 and ViT-B/32 of OpenAI, the larger one first. */
export const DATACOMP_MODELS = ['l14', 'b32'] as const;
export type DataCompModel = (typeof DATACOMP_MODELS)[number];

/** Stems of DataComp's metadata in a folder: `X.parquet` with `X.npz` beside it. */
export function dataCompStems(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.parquet') && existsSync(join(folder, name.replace(/parquet$/, 'npz'))))
    .map((name) => name.slice(0, -'.parquet'.length))
    .sort();
}

/**
 * Any embeddings that are used as they are: a folder in clip-retrieval's layout, or DataComp's metadata, of which
 * `model` names the embeddings to take. Arrays that are compressed are unpacked below `scratch`.
 */
export async function openGivenStore(
  folder: string,
  scratch: string,
  model?: DataCompModel,
): Promise<EmbeddingStore> {
  const stems = dataCompStems(folder);
  if (stems.length === 0) return openStore(folder);
  const parts: StorePart[] = [];
  let firstRow = 0;
  let taken = model;
  for (const [index, stem] of stems.entries()) {
    const file = join(folder, `${stem}.npz`);
    const names = (taken ? [taken] : DATACOMP_MODELS).flatMap((one) => [`${one}_img`, `${one}_txt`]);
    const arrays = await openNpz(file, names, join(scratch, 'unpacked'));
    // The first part decides for all: rows of two models cannot be compared.
    taken ??= DATACOMP_MODELS.find((one) => arrays.has(`${one}_img`) && arrays.has(`${one}_txt`));
    const [images, texts] = [arrays.get(`${taken}_img`), arrays.get(`${taken}_txt`)];
    if (!images || !texts)
      throw new ClipcovError(
        'store-broken',
        `DataComp's archive holds no ${taken ? `${taken}_img and ${taken}_txt` : 'embeddings of images and texts'}.`,
        {
          where: file,
          fix: `Choose other embeddings (--embeddings ${DATACOMP_MODELS.join(' or ')}), or download it again.`,
        },
      );
    if (images.rows !== texts.rows || images.columns !== texts.columns)
      throw new ClipcovError(
        'store-broken',
        `The images are [${images.rows}, ${images.columns}], the texts [${texts.rows}, ${texts.columns}].`,
        { where: file, fix: 'Download it again.' },
      );
    parts.push({
      index,
      firstRow,
      rows: images.rows,
      images,
      texts,
      metadata: join(folder, `${stem}.parquet`),
    });
    firstRow += images.rows;
  }
  return { folder, rows: firstRow, dim: parts[0]!.images.columns, parts, plan: null };
}
