import { mkdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { ClipcovError } from '../errors.js';
import type { ModelVariant } from '../protocol/models.js';
import type { HubAccess } from './access.js';
import { cacheError, RepoCache } from './cache.js';
import { checkConfig, clipFiles } from './clipLayout.js';
import { download } from './download.js';
import type { HubName } from './hubName.js';
import { readRepository, type RemoteFile } from './repository.js';

/** What a pull is going to do; it stands before anything of a file is fetched. */
export interface PullPlan {
  repo: string;
  revision: string;
  commit: string;
  variant: ModelVariant | null;
  /** Who is asked. */
  host: string;
  /** Where the model will lie. */
  folder: string;
  /** In the order of fetching. */
  files: (RemoteFile & { present: boolean })[];
  bytes: number;
  /** Bytes of the files that are not in the cache. */
  missingBytes: number;
}

const PROGRESS_MS = 200;

/** Asks the hub what the model is made of and what of it is missing here. */
export async function planPull(access: HubAccess, cache: string, name: HubName): Promise<PullPlan> {
  const { commit, files } = await readRepository(access, name);
  const place = new RepoCache(cache, name.repo);
  const planned = clipFiles(name.repo, files, name.variant).map((file) => ({
    ...file,
    present: place.has(commit, file),
  }));
  const sum = (of: RemoteFile[]): number => of.reduce((total, { size }) => total + size, 0);
  return {
    ...name,
    commit,
    host: access.endpoint.host,
    folder: place.snapshot(commit),
    files: planned,
    bytes: sum(planned),
    missingBytes: sum(planned.filter(({ present }) => !present)),
  };
}

/** Fetches what is missing. Progress in bytes of the missing files, at most five times a second, the last one exact. */
export async function pull(
  access: HubAccess,
  cache: string,
  plan: PullPlan,
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  const place = new RepoCache(cache, plan.repo);
  const missing = plan.files.filter(({ present }) => !present);
  if (missing.length > 0) await refuseFullDisk(place, plan.missingBytes);
  let finished = 0;
  let told = 0;
  const tell = (done: number): void => {
    const now = performance.now();
    if (told && now - told < PROGRESS_MS && done < plan.missingBytes) return;
    told = now;
    onProgress(done, plan.missingBytes);
  };
  for (const file of plan.files) {
    if (!file.present) {
      await download(access, place, plan.commit, file, (bytes) => tell(finished + bytes));
      finished += file.size;
    }
    if (file.path !== 'config.json') continue;
    await place.place(plan.commit, file);
    checkConfig(plan.repo, join(plan.folder, file.path));
  }
  // Links at the end and the graphs last: a snapshot that looks complete is.
  const isGraph = ({ path }: RemoteFile): number => Number(path.endsWith('.onnx'));
  for (const file of plan.files.toSorted((a, b) => isGraph(a) - isGraph(b)))
    await place.place(plan.commit, file);
  await place.setRef(plan.revision, plan.commit);
}

async function refuseFullDisk({ blobs }: RepoCache, needed: number): Promise<void> {
  try {
    await mkdir(blobs, { recursive: true });
  } catch (cause) {
    throw cacheError(blobs, cause);
  }
  const { bavail, bsize } = await statfs(blobs);
  if (bavail * bsize >= needed) return;
  throw new ClipcovError(
    'disk-full',
    `The model takes ${needed} bytes more, and the disk has ${bavail * bsize}.`,
    {
      where: blobs,
      fix: 'Make room, or name another place with HF_HUB_CACHE.',
    },
  );
}
