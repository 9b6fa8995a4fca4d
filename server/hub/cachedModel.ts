import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { REQUIRED_FILES, variantsIn } from '../embeddings/modelFiles.js';
import type { ModelVariant } from '../protocol/models.js';
import { RepoCache, statOf } from './cache.js';
import { DEFAULT_REVISION, writeHubName, type HubName } from './hubName.js';

/** A CLIP that lies in the cache, whoever put it there. */
export interface CachedModel {
  repo: string;
  commit: string;
  /** Its snapshot, a model folder. */
  folder: string;
  /** The precisions that are there, full precision (null) first; never empty. */
  variants: (ModelVariant | null)[];
}

/** A model that is in the cache in the precision that is named, or in any where none is; else null. */
export function cachedModel(cache: string, { repo, revision, variant }: HubName): CachedModel | null {
  const place = new RepoCache(cache, repo);
  const commit = place.commitOf(revision);
  const found = commit === null ? null : readSnapshot(place, commit);
  return found && (variant === null || found.variants.includes(variant)) ? found : null;
}

/** Every CLIP in the cache, by name, with the bytes of its files. */
export function cachedModels(cache: string): (CachedModel & { name: string; bytes: number })[] {
  return foldersIn(cache)
    .filter((name) => name.startsWith('models--'))
    .sort()
    .map((name) => new RepoCache(cache, name.slice('models--'.length).replace('--', '/')))
    .flatMap((place) =>
      foldersIn(join(place.folder, 'snapshots')).map((commit) => readSnapshot(place, commit)),
    )
    .filter((model) => model !== null)
    .map((model) => ({ ...model, name: nameOf(cache, model), bytes: bytesIn(model.folder) }));
}

/** The name by which it is found again: with its commit where the main branch leads to another one, or to none here. */
function nameOf(cache: string, { repo, commit }: CachedModel): string {
  const isMain = new RepoCache(cache, repo).commitOf(DEFAULT_REVISION) === commit;
  return writeHubName({ repo, revision: isMain ? DEFAULT_REVISION : commit, variant: null });
}

function readSnapshot(place: RepoCache, commit: string): CachedModel | null {
  const folder = place.snapshot(commit);
  if (!REQUIRED_FILES.every((name) => existsSync(join(folder, name)))) return null;
  const variants = variantsIn(folder);
  return variants.length > 0 ? { repo: place.repo, commit, folder, variants } : null;
}

function foldersIn(folder: string): string[] {
  if (!statOf(folder)?.isDirectory()) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}

/** Bytes of a folder's files, links followed. */
export function bytesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => statOf(join(folder, name)))
    .reduce((sum, found) => sum + (found?.isFile() ? found.size : 0), 0);
}
