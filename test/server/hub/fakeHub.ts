import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { embeddedModelFolder } from '../../../server/embeddings/model.js';

export const REPO = 'fake-owner/tiny-clip';
export const COMMIT = 'c0ffee'.repeat(6) + 'c0de';
/** Larger files are stored as the hub stores them: named by SHA-256, on a host of their own. */
const LFS_BYTES = 1_000_000;

export const CLIP_FILES = [
  'config.json',
  'preprocessor_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'classes.json',
  'zeroshot_classification_templates.txt',
  'README.md',
  'onnx/text_model.onnx',
  'onnx/vision_model.onnx',
];

export interface Asked {
  path: string;
  headers: IncomingMessage['headers'];
  /** Bytes of body that were handed to the socket. */
  sent: number;
}
/** Answers a request itself, or returns false to leave it to the hub. */
export type Misbehaviour = (request: IncomingMessage, response: ServerResponse, path: string) => unknown;

export function blobOf(content: Buffer): string {
  return content.length >= LFS_BYTES
    ? createHash('sha256').update(content).digest('hex')
    : createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
}

/** A hub on this machine with one repository, made of the embedded model's files; it can be made to misbehave. */
export class FakeHub {
  readonly asked: Asked[] = [];
  files = new Map<string, Buffer>(
    CLIP_FILES.map((path) => [path, readFileSync(join(embeddedModelFolder(), path))]),
  );
  /** Entries of the tree beside those of the files. */
  extraEntries: unknown[] = [];
  misbehave: Misbehaviour = () => false;
  /** Where large files are sent to; here where null. */
  store: string | null = null;
  honoursRange = true;
  pageSize = 1000;
  readonly #server: Server = createServer((request, response) => this.#answer(request, response));

  static async start(): Promise<FakeHub> {
    const hub = new FakeHub();
    await new Promise<void>((resolve) => hub.#server.listen(0, '127.0.0.1', resolve));
    afterAll(() => {
      hub.#server.closeAllConnections();
      hub.#server.close();
    });
    return hub;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Requests for the content of a file. */
  fetches(path: string): Asked[] {
    return this.asked.filter((asked) => asked.path === `/${REPO}/resolve/${COMMIT}/${path}`);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url!, this.endpoint);
    const path = decodeURIComponent(url.pathname);
    const asked: Asked = { path, headers: request.headers, sent: 0 };
    this.asked.push(asked);
    const write = response.write.bind(response) as (chunk: Buffer, then?: () => void) => boolean;
    response.write = ((chunk: Buffer, then?: () => void) => {
      asked.sent += chunk.length;
      return write(chunk, then);
    }) as typeof response.write;
    if (this.misbehave(request, response, path) !== false) return;
    const tree = `/api/models/${REPO}/tree/${COMMIT}`;
    const resolved = `/${REPO}/resolve/${COMMIT}/`;
    if (path.startsWith(`/api/models/${REPO}/revision/`)) return json(response, { sha: COMMIT });
    if (path === tree) return this.#tree(response, tree, Number(url.searchParams.get('cursor') ?? 0));
    const file = path.startsWith(resolved) ? this.files.get(path.slice(resolved.length)) : undefined;
    if (!file) return void response.writeHead(404).end();
    if (this.store !== null && file.length >= LFS_BYTES)
      return void response
        .writeHead(302, {
          location: `${this.store}${request.url}?signature=secret`,
          'x-linked-etag': `"${blobOf(file)}"`,
        })
        .end();
    this.send(request, response, file);
  }

  /** Content, whole or from where a range starts. */
  send(request: IncomingMessage, response: ServerResponse, file: Buffer, etag = blobOf(file)): void {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const part = this.honoursRange && from > 0;
    if (part && from >= file.length) return void response.writeHead(416).end();
    const body = part ? file.subarray(from) : file;
    response.writeHead(part ? 206 : 200, {
      etag: `"${etag}"`,
      'content-length': body.length,
      ...(part ? { 'content-range': `bytes ${from}-${file.length - 1}/${file.length}` } : {}),
    });
    response.write(body);
    response.end();
  }

  #tree(response: ServerResponse, path: string, cursor: number): void {
    const entries = [
      { type: 'directory', path: 'onnx', oid: '0'.repeat(40), size: 0 },
      ...[...this.files].map(([name, content]) => entryOf(name, content)),
      ...this.extraEntries,
    ];
    const next = cursor + this.pageSize;
    if (next < entries.length)
      response.setHeader('link', `<${this.endpoint}${path}?recursive=1&cursor=${next}>; rel="next"`);
    json(response, entries.slice(cursor, next));
  }
}

export function entryOf(path: string, content: Buffer): unknown {
  const oid = createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
  const { length: size } = content;
  return size < LFS_BYTES
    ? { type: 'file', path, size, oid }
    : { type: 'file', path, size, oid, lfs: { oid: blobOf(content), size, pointerSize: 134 } };
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
