import { imageRoots, resolveImage, type ReadableImage } from '../dataset/roots.js';
import { mapAhead } from '../embeddings/parallel.js';
import { decodeFailure, thumbnail } from '../embeddings/pictures.js';
import { imageRootOf } from '../export/subsetDocument.js';
import { OpenedPairs } from '../pairs/openedPairs.js';
import type { RequestResults, ValidParams } from '../protocol/contract.js';
import type { PairClass, PairPage, PairRow, Thumbnail } from '../protocol/pairs.js';

/** Pixels of the longer edge. */
const EDGES = { small: 160, large: 640 };

export async function openPairs(params: ValidParams<'openPairs'>): Promise<RequestResults['openPairs']> {
  const { complete, others } = await OpenedPairs.open(params);
  return { complete, others: others.map(({ name, method, picks }) => ({ name, method, picks })) };
}

export async function page(params: ValidParams<'page'>): Promise<PairPage> {
  const pairs = await OpenedPairs.open(params);
  return pairs.page(params.view, params.offset, params.limit, params.terms);
}

export async function pairsById(params: ValidParams<'pairsById'>): Promise<PairRow[]> {
  return (await OpenedPairs.open(params)).byId(params.ids);
}

export async function pairAt({ row, ...params }: ValidParams<'pairAt'>): Promise<PairRow | null> {
  return (await OpenedPairs.open(params)).at(row);
}

export async function distributions(
  params: ValidParams<'distributions'>,
): Promise<RequestResults['distributions']> {
  return (await OpenedPairs.open(params)).distributions();
}

export async function pairClasses(params: ValidParams<'pairClasses'>): Promise<PairClass[]> {
  return (await OpenedPairs.open(params)).classes(params.where);
}

/** Thumbnails by id; an image that cannot be shown says why. Paths come from the dataset, never from the caller. */
export async function thumbnails(params: ValidParams<'thumbnails'>): Promise<Thumbnail[]> {
  const find = await imageFinder(params, params.ids);
  const shown: Thumbnail[] = [];
  const show = async (id: number): Promise<Thumbnail> => {
    const found = await find(id);
    if ('reason' in found) return { id, uri: null, reason: found.reason };
    const picture = found.read().then((bytes) => thumbnail(bytes, EDGES[params.size]));
    return picture.then(
      (uri) => ({ id, uri }),
      (error: unknown) => ({ id, uri: null, reason: decodeFailure(error) }),
    );
  };
  for await (const one of mapAhead(params.ids, 8, show)) shown.push(one);
  return shown;
}

/** Where the image of a pair lies; of one inside an archive, the archive. */
export async function imageFile(params: ValidParams<'imageFile'>): Promise<RequestResults['imageFile']> {
  const found = await (await imageFinder(params, [params.id]))(params.id);
  return 'reason' in found ? found : { file: found.path };
}

/** Finds the images of the given pairs by id, where they may be read. */
async function imageFinder(
  { subset, store, approvedRoots }: { subset: string; store?: string | undefined; approvedRoots: string[] },
  ids: number[],
): Promise<(id: number) => Promise<ReadableImage | { reason: string }>> {
  const pairs = await OpenedPairs.open({ subset, store });
  const images = imageRootOf(pairs.file, pairs.document, approvedRoots);
  if ('reason' in images) return async () => images;
  const paths = await pairs.images(ids);
  const roots = await imageRoots(images.root, approvedRoots);
  return async (id) => {
    const path = paths.get(id);
    if (path === undefined) return { reason: 'the subset knows no pair of this id' };
    return path === null ? { reason: 'the store names no image for this pair' } : resolveImage(roots, path);
  };
}
