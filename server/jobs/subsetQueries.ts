import { basename, dirname, resolve } from 'node:path';
import { imageRoots, resolveImage } from '../dataset/roots.js';
import { mapAhead } from '../embeddings/parallel.js';
import { decodeFailure, thumbnail } from '../embeddings/pixels.js';
import { checkPicks, picksPath, readPicks, readPicksById } from '../export/picks.js';
import { imageRootOf, readSubset, SUBSET_EXTENSION } from '../export/subsetDocument.js';
import type { RequestResults, SubsetView, Thumbnail, ValidParams } from '../protocol/contract.js';

const THUMBNAIL_EDGE = 160;

/** What a preview of a saved subset shows besides its picks. */
export async function openSubset({ subset }: ValidParams<'openSubset'>): Promise<SubsetView> {
  const file = resolve(subset);
  const document = await readSubset(file);
  await checkPicks(file, document);
  return {
    path: file,
    name: basename(file, SUBSET_EXTENSION),
    method: document.parameters.method,
    budget: document.parameters.budget,
    pairs: document.dataset.pairs,
    picks: document.picks,
    classes: document.classes.description,
    objective: document.objective,
    proxy: document.proxy,
    device: { used: document.device, refused: document.devicesLost ?? [] },
    source: resolve(dirname(file), document.source),
    dataset: document.imageRoot === null ? null : resolve(dirname(file), document.imageRoot),
    exactDuplicates: document.exactDuplicates.total,
    nearDuplicates: document.nearDuplicates,
    skipped: document.skipped,
    warnings: document.warnings,
    evaluation: document.evaluation,
  };
}

export async function page({ subset, offset, limit }: ValidParams<'page'>): Promise<RequestResults['page']> {
  const file = resolve(subset);
  const document = await readSubset(file);
  const rows = await readPicks(picksPath(file, document), offset, limit);
  return { rows: rows.map(({ row: _row, uid: _uid, ...pick }) => pick), total: document.picks };
}

/** Thumbnails by id; an image that cannot be shown says why. Paths come from the subset, never from the caller. */
export async function thumbnails(params: ValidParams<'thumbnails'>): Promise<Thumbnail[]> {
  const file = resolve(params.subset);
  const document = await readSubset(file);
  const picks = await readPicksById(picksPath(file, document), params.ids);
  const images = imageRootOf(file, document, params.approvedRoots);
  if ('reason' in images) return picks.map(({ id }) => ({ id, uri: null, reason: images.reason }));
  const roots = await imageRoots(images.root, params.approvedRoots);
  const shown: Thumbnail[] = [];
  const show = async ({ id, image }: { id: number; image: string | null }): Promise<Thumbnail> => {
    if (image === null) return { id, uri: null, reason: 'the store names no image for this pair' };
    const found = await resolveImage(roots, image);
    if ('reason' in found) return { id, uri: null, reason: found.reason };
    const picture = found.read().then((bytes) => thumbnail(bytes, THUMBNAIL_EDGE));
    return picture.then(
      (uri) => ({ id, uri }),
      (error: unknown) => ({ id, uri: null, reason: decodeFailure(error) }),
    );
  };
  for await (const one of mapAhead(picks, 8, show)) shown.push(one);
  return shown;
}
