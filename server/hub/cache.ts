import { existsSync, readFileSync, statSync, type Stats } from 'node:fs';
import { copyFile, rename, rm, symlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { writeAside, writeError } from '../embeddings/aside.js';
import { asideOf } from '../embeddings/unfinished.js';
import { ClipcovError } from '../errors.js';
import type { Environment } from './access.js';
import type { RemoteFile } from './repository.js';

/** Where Hugging Face's own tools keep what they have fetched; theirs and ours are one cache. */
export function cacheFolder(env: Environment = process.env): string {
  const own = env['HF_HUB_CACHE'];
  if (own) return expand(own);
  const home = env['HF_HOME'] || join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'huggingface');
  return join(expand(home), 'hub');
}

function expand(path: string): string {
  return resolve(path.replace(/^~(?=$|[/\\])/, homedir()));
}

/**
 * The folder of one repository: `blobs/` holds contents by checksum, `snapshots/<commit>/` the files of a commit as
 * links to them, `refs/<revision>` the commit that a branch or tag had when it was fetched.
 */
export class RepoCache {
  readonly folder: string;
  readonly blobs: string;

  constructor(
    cache: string,
    readonly repo: string,
  ) {
    this.folder = join(cache, `models--${repo.replace('/', '--')}`);
    this.blobs = join(this.folder, 'blobs');
  }

  snapshot(commit: string): string {
    return join(this.folder, 'snapshots', commit);
  }

  /** The commit that a revision had when it was fetched, or null. */
  commitOf(revision: string): string | null {
    if (existsSync(this.snapshot(revision))) return revision;
    const ref = join(this.folder, 'refs', revision);
    if (!statOf(ref)?.isFile()) return null;
    const commit = readFileSync(ref, 'utf8').trim();
    return /^[0-9a-f]{40}$/.test(commit) ? commit : null;
  }

  async setRef(revision: string, commit: string): Promise<void> {
    if (revision === commit) return;
    await writeAside(join(this.folder, 'refs', revision), commit).catch((cause: unknown) => {
      throw cacheError(this.folder, cause);
    });
  }

  blob(file: RemoteFile): string {
    return join(this.blobs, file.checksum.value);
  }

  /** Whether its content is there: as a blob, or as a file of the snapshot where the system has no links. */
  has(commit: string, file: RemoteFile): boolean {
    return isWhole(this.blob(file), file) || isWhole(join(this.snapshot(commit), file.path), file);
  }

  /** Puts a file whose content is there into the snapshot. */
  async place(commit: string, file: RemoteFile): Promise<void> {
    const place = join(this.snapshot(commit), file.path);
    if (isWhole(place, file)) return;
    let aside: string | null = null;
    try {
      const path = (aside = await asideOf(place));
      await symlink(relative(dirname(place), this.blob(file)), path).catch(() =>
        // Windows gives links to developers only, some file systems to nobody.
        copyFile(this.blob(file), path),
      );
      await rename(path, place);
    } catch (cause) {
      if (aside) await rm(aside, { force: true }).catch(() => undefined);
      throw cacheError(place, cause);
    }
  }
}

function isWhole(path: string, { size }: RemoteFile): boolean {
  const found = statOf(path);
  return found !== null && found.isFile() && found.size === size;
}

/** What lies there, links followed; null where nothing can be read, for whatever reason. */
export function statOf(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}

/** An error of writing to the cache, with what to do about it. */
export function cacheError(where: string, cause: unknown): unknown {
  const error = writeError(where, cause);
  if (!(error instanceof ClipcovError) || error.code !== 'cannot-write') return error;
  return new ClipcovError(error.code, error.message, {
    where,
    fix: 'Make room, change the permissions, or name another place with HF_HUB_CACHE; what was downloaded is kept.',
    cause,
  });
}
