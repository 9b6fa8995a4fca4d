import { mayAsk, type HubAccess } from './access.js';
import { redirectError, transportError } from './hubErrors.js';

const MAX_REDIRECTS = 5;

/** What came back, the body still to be read. */
export interface Answer {
  response: Response;
  /** Who answered in the end, and whether that is still the endpoint. */
  url: URL;
  ofEndpoint: boolean;
  /** The file's checksum as the endpoint names it (`X-Linked-ETag` for a file that lies elsewhere), or null. */
  etag: string | null;
  /** The body; to be read to its end, or left with `discard`. */
  chunks(): AsyncGenerator<Uint8Array>;
  discard(): Promise<void>;
}

/**
 * One GET, redirects followed by hand. The token goes to the endpoint's own scheme, host and port, and is gone for good
 * once a redirect leaves them. Any status is an answer; a connection that fails, stalls or breaks off is an error.
 */
export async function send(
  access: HubAccess,
  start: URL,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const watch = new StallWatch(access);
  let url = start;
  let ofEndpoint = true;
  let etag: string | null = null;
  try {
    for (let redirects = 0; ; redirects++) {
      if (!mayAsk(access, url)) throw redirectError(url, 'to an address that may not be asked');
      ofEndpoint &&= url.origin === access.endpoint.origin;
      const response = await fetch(url, {
        redirect: 'manual',
        signal: watch.signal,
        headers: {
          // Compressed bytes cannot be counted, nor gone on with.
          'accept-encoding': 'identity',
          'user-agent': 'clipcov',
          ...headers,
          ...(ofEndpoint && access.token !== null ? { authorization: `Bearer ${access.token}` } : {}),
        },
      });
      watch.rest();
      if (ofEndpoint) etag ??= response.headers.get('x-linked-etag');
      const location = response.status >= 300 && response.status < 400 && response.headers.get('location');
      if (!location) {
        if (ofEndpoint) etag ??= response.headers.get('etag');
        const body = (): AsyncGenerator<Uint8Array> => chunks(access, url, response, watch);
        return { response, url, ofEndpoint, etag, chunks: body, discard: () => discard(response, watch) };
      }
      await discard(response, watch);
      if (redirects === MAX_REDIRECTS) throw redirectError(start, `more than ${MAX_REDIRECTS} times`);
      if (!URL.canParse(location, url.href)) throw redirectError(url, 'to what is no URL');
      url = new URL(location, url);
      watch.start();
    }
  } catch (cause) {
    watch.rest();
    throw transportError(access, url, cause, watch.stalled);
  }
}

async function* chunks(
  access: HubAccess,
  url: URL,
  response: Response,
  watch: StallWatch,
): AsyncGenerator<Uint8Array> {
  if (!response.body) return;
  const reader = response.body.getReader();
  try {
    for (;;) {
      watch.start();
      const { done, value } = await reader.read().catch((cause: unknown) => {
        throw transportError(access, url, cause, watch.stalled);
      });
      // What the caller does with a chunk is no stall of the connection.
      watch.rest();
      if (done) return;
      yield value as Uint8Array;
    }
  } finally {
    watch.rest();
    await reader.cancel().catch(() => undefined);
  }
}

async function discard(response: Response, watch: StallWatch): Promise<void> {
  watch.rest();
  await response.body?.cancel().catch(() => undefined);
}

/** Aborts a request of which nothing has arrived for too long. */
class StallWatch {
  readonly #controller = new AbortController();
  readonly #ms: number;
  #timer: NodeJS.Timeout | undefined;
  readonly signal: AbortSignal;

  constructor({ signal, stallMs }: HubAccess) {
    this.#ms = stallMs;
    this.signal = AbortSignal.any([signal, this.#controller.signal]);
    this.start();
  }

  get stalled(): boolean {
    return this.#controller.signal.aborted;
  }

  start(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#controller.abort(), this.#ms);
  }

  rest(): void {
    clearTimeout(this.#timer);
  }
}
