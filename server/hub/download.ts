import { constants } from 'node:fs';
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { ClipcovError } from '../errors.js';
import { hubUrl, type HubAccess } from './access.js';
import { cacheError, type RepoCache } from './cache.js';
import { checksumOf } from './checksum.js';
import { plainUrl, statusError, Transient } from './hubErrors.js';
import type { RemoteFile } from './repository.js';
import { send, type Answer } from './send.js';
import { withTries } from './tries.js';

/**
 * Fetches a file into the blobs of its repository. What an earlier run left in `<blob>.incomplete` is gone on with; the
 * file takes its name when size and checksum are right and it is on the disk. `onBytes`: bytes of it that are there.
 */
export async function download(
  access: HubAccess,
  cache: RepoCache,
  commit: string,
  file: RemoteFile,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const blob = cache.blob(file);
  const aside = `${blob}.incomplete`;
  const path = file.path.split('/').map(encodeURIComponent).join('/');
  const url = hubUrl(access, `/${cache.repo}/resolve/${commit}/${path}`);
  try {
    await mkdir(cache.blobs, { recursive: true });
    // Not for appending: two runs that fetch the same file write the same bytes to the same places.
    const handle = await open(aside, constants.O_RDWR | constants.O_CREAT, 0o644);
    try {
      await withTries(access, () => continueFile(access, url, cache.repo, file, handle, onBytes));
      await handle.sync();
    } finally {
      await handle.close();
    }
    // Of what lies on the disk, whoever wrote it.
    const found = await checksumOf(aside, file, access.signal);
    if (found !== file.checksum.value) {
      await rm(aside, { force: true });
      throw wrongChecksum(file, url, found);
    }
    await rename(aside, blob);
  } catch (cause) {
    // Another run that fetched the same file was faster.
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT' && cache.has(commit, file)) return;
    throw cacheError(aside, cause);
  }
}

/** One try: goes on where the file ends, or starts anew where the server does not go on with this very content. */
async function continueFile(
  access: HubAccess,
  url: URL,
  repo: string,
  file: RemoteFile,
  handle: FileHandle,
  onBytes: (bytes: number) => void,
): Promise<void> {
  let at = (await handle.stat()).size;
  if (at > file.size) await handle.truncate((at = 0));
  onBytes(at);
  if (at === file.size) return;
  const answer = await send(access, url, at > 0 ? { range: `bytes=${at}-` } : {});
  const { status } = answer.response;
  if (at > 0 && (status === 416 || (status === 206 && !goesOn(answer, at, file)))) {
    await answer.discard();
    await handle.truncate(0);
    throw new Transient(changed(file, url), 0);
  }
  if (at > 0 && status === 200) await handle.truncate((at = 0));
  if (status !== (at > 0 ? 206 : 200)) {
    await answer.discard();
    throw statusError(answer, repo);
  }
  for await (const chunk of answer.chunks()) {
    if (at + chunk.length > file.size) {
      await handle.truncate(0);
      throw changed(file, url);
    }
    await writeAll(handle, chunk, at);
    at += chunk.length;
    onBytes(at);
  }
  if (at < file.size) throw new Transient(truncated(file, url, at));
}

/** Whether a part is the rest of the file that was begun. An ETag that is no checksum (a store's own) says nothing. */
function goesOn({ response, etag }: Answer, start: number, file: RemoteFile): boolean {
  const [, from, size] =
    /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '') ?? [];
  if (Number(from) !== start || (size !== '*' && Number(size) !== file.size)) return false;
  const tag = (etag ?? '').replace(/^W\//, '').replaceAll('"', '');
  return !/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(tag) || tag === file.checksum.value;
}

async function writeAll(handle: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < chunk.length;)
    written += (await handle.write(chunk, written, chunk.length - written, position + written)).bytesWritten;
}

function truncated({ path, size }: RemoteFile, url: URL, at: number): ClipcovError {
  return new ClipcovError('hub-truncated', `The server sent ${at} of the ${size} bytes of ${path}.`, {
    where: plainUrl(url),
    fix: 'Run it again: what was downloaded is kept.',
  });
}

function changed({ path }: RemoteFile, url: URL): ClipcovError {
  return new ClipcovError('hub-changed', `The server offers another ${path} than its list of files says.`, {
    where: plainUrl(url),
    fix: 'Run it again; if it stays so, the server or a proxy before it is at fault.',
  });
}

function wrongChecksum({ path, checksum }: RemoteFile, url: URL, found: string): ClipcovError {
  return new ClipcovError(
    'hub-checksum',
    `What was downloaded of ${path} is not what the hub lists: its ${checksum.algorithm} is ${found}, not ` +
      `${checksum.value}. The file was removed.`,
    {
      where: plainUrl(url),
      fix: 'Run it again; if it stays so, the server or a proxy before it is at fault.',
    },
  );
}
