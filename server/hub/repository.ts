import { z } from 'zod';
import { ClipcovError } from '../errors.js';
import { hubUrl, type HubAccess } from './access.js';
import { plainUrl, statusError, Transient } from './hubErrors.js';
import type { HubName } from './hubName.js';
import { send } from './send.js';
import { withTries } from './tries.js';

/** A file of a repository at one commit. */
export interface RemoteFile {
  path: string;
  /** Bytes. */
  size: number;
  /** Its checksum, which names it in the cache too: SHA-256 for large files, else the SHA-1 of its git blob. */
  checksum: { algorithm: 'sha256' | 'git-sha1'; value: string };
}

export interface Repository {
  /** 40 hexadecimal digits: whatever the revision becomes later, this is what was read. */
  commit: string;
  files: RemoteFile[];
}

const sha1 = z.string().regex(/^[0-9a-f]{40}$/);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const bytes = z.number().int().min(0);
const revisionSchema = z.object({ sha: sha1 });
const treeSchema = z.array(
  z.object({
    type: z.string(),
    path: z.string().min(1).max(4096),
    size: bytes.default(0),
    oid: sha1,
    lfs: z.object({ oid: sha256, size: bytes }).optional(),
  }),
);
/** Far more than any model has: a server without an end must not keep us. */
const MAX_PAGES = 100;
const MAX_ANSWER = 2 ** 25;

/** The commit of a revision and all files of it; nothing of a file is fetched. */
export async function readRepository(access: HubAccess, name: HubName): Promise<Repository> {
  const { repo, revision } = name;
  const at = hubUrl(access, `/api/models/${repo}/revision/${encodeURIComponent(revision)}`);
  const { value } = await getJson(access, at, repo, revisionSchema);
  return { commit: value.sha, files: await readTree(access, repo, value.sha) };
}

async function readTree(access: HubAccess, repo: string, commit: string): Promise<RemoteFile[]> {
  const files: RemoteFile[] = [];
  let next: URL | null = hubUrl(access, `/api/models/${repo}/tree/${commit}?recursive=1`);
  for (let page = 0; next !== null; page++) {
    if (page === MAX_PAGES) throw unexpected(next, `its list of files has more than ${MAX_PAGES} pages`);
    const at: URL = next;
    const answer = await getJson(access, at, repo, treeSchema);
    for (const entry of answer.value) {
      refuseUnsafe(entry.path, at);
      if (entry.type !== 'file') continue;
      const { path, lfs, size, oid } = entry;
      files.push(
        lfs
          ? { path, size: lfs.size, checksum: { algorithm: 'sha256', value: lfs.oid } }
          : { path, size, checksum: { algorithm: 'git-sha1', value: oid } },
      );
    }
    next = answer.next;
  }
  return files;
}

/** Paths of the server become paths on this disk. */
function refuseUnsafe(path: string, where: URL): void {
  const steps = path.split('/');
  if (steps.some((step) => ['', '.', '..'].includes(step)) || /[\\\p{Cc}:]/u.test(path))
    throw new ClipcovError(
      'hub-unsafe-path',
      `The repository names a file that may not be written: ${JSON.stringify(path)}.`,
      {
        where: plainUrl(where),
        fix: 'Do not use this repository.',
      },
    );
}

async function getJson<T>(
  access: HubAccess,
  url: URL,
  repo: string,
  schema: z.ZodType<T>,
): Promise<{ value: T; next: URL | null }> {
  return withTries(access, async () => {
    const answer = await send(access, url, { accept: 'application/json' });
    if (answer.response.status !== 200) {
      await answer.discard();
      throw statusError(answer, repo);
    }
    const text = await readText(answer.chunks(), url);
    return { value: parse(text, url, schema), next: nextPage(answer.response.headers.get('link'), url) };
  });
}

async function readText(chunks: AsyncIterable<Uint8Array>, url: URL): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > MAX_ANSWER) throw unexpected(url, 'it is far too long');
    parts.push(chunk);
  }
  return Buffer.concat(parts).toString('utf8');
}

function parse<T>(text: string, url: URL, schema: z.ZodType<T>): T {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // As much of it as was sent: a connection that broke off looks like this where no length was given.
    throw new Transient(unexpected(url, 'it is no JSON'));
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw unexpected(url, `${path.join('.') || 'it'}: ${message}`);
}

/** `Link: <…>; rel="next"` */
function nextPage(header: string | null, url: URL): URL | null {
  const target = /<([^>]+)>\s*;[^,]*\brel="?next"?/.exec(header ?? '')?.[1];
  return target !== undefined && URL.canParse(target, url.href) ? new URL(target, url) : null;
}

function unexpected(url: URL, why: string): ClipcovError {
  return new ClipcovError('hub-failed', `The hub gave an answer that was not expected: ${why}.`, {
    where: plainUrl(url),
    fix: 'Check HF_ENDPOINT; if it is right, try again later.',
  });
}
