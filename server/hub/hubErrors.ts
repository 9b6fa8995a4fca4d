import { ClipcovError } from '../errors.js';
import type { HubAccess } from './access.js';
import type { Answer } from './send.js';

/** Longer than this nobody waits for a server that is busy, s. */
const PATIENCE_S = 120;

/** An error that another try may mend; `reason` is what to say where it does not. */
export class Transient extends Error {
  constructor(
    readonly reason: ClipcovError,
    /** Before the next try, where the server has said so. */
    readonly waitMs: number | null = null,
  ) {
    super(reason.message);
  }
}

/** A URL for a message, without its query: that of a download is signed. */
export function plainUrl(url: URL): string {
  return url.origin + url.pathname;
}

/** A status that is not what was asked for. */
export function statusError({ response, url, ofEndpoint }: Answer, repo: string): ClipcovError | Transient {
  const { status } = response;
  const where = plainUrl(url);
  const said = response.headers.get('x-error-code');
  if (!ofEndpoint && status < 500 && status !== 429)
    return new ClipcovError('hub-failed', `The server that holds the file refused it (${status}).`, {
      where,
      fix: 'Run it again: the hub then gives out a new address.',
    });
  if (status === 401 || status === 403)
    return new ClipcovError('hub-refused', `The hub refuses access to ${repo} (${status}).`, {
      where,
      fix:
        'Check the name. If the model is private or gated, accept its terms on its page and set HF_TOKEN to a token ' +
        'that may read it.',
    });
  if (status === 404)
    return new ClipcovError(
      'hub-not-found',
      said === 'RevisionNotFound'
        ? `The model ${repo} has no such revision (404).`
        : `The hub does not have ${repo}, or not at this revision (404).`,
      { where, fix: 'Check the name and the revision on the hub.' },
    );
  if (status === 429 || status >= 500) return busy(response, where);
  return new ClipcovError('hub-failed', `The hub gave an answer that was not expected (${status}).`, {
    where,
    fix: 'Check HF_ENDPOINT; if it is right, try again later.',
  });
}

function busy(response: Response, where: string): ClipcovError | Transient {
  const seconds = retryAfter(response.headers.get('retry-after'));
  const message =
    response.status === 429
      ? 'The hub asks for fewer requests (429).'
      : `The hub failed (${response.status}).`;
  const reason = new ClipcovError(response.status === 429 ? 'hub-busy' : 'hub-failed', message, {
    where,
    fix: `Try again ${seconds === null ? 'later' : `in ${Math.ceil(seconds)} s`}; what was downloaded is kept.`,
  });
  return seconds !== null && seconds > PATIENCE_S
    ? reason
    : new Transient(reason, seconds === null ? null : seconds * 1000);
}

/** Seconds of a Retry-After header, which holds seconds or a date. */
function retryAfter(header: string | null): number | null {
  if (header === null) return null;
  if (/^\d+$/.test(header.trim())) return Number(header);
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, (date - Date.now()) / 1000);
}

export function redirectError(url: URL, how: string): ClipcovError {
  return new ClipcovError('hub-redirect', `The hub redirects ${how}.`, {
    where: plainUrl(url),
    fix: 'Check HF_ENDPOINT; addresses must be https, or on this machine like the endpoint.',
  });
}

/** What `fetch` threw, in words; what ended it on purpose stays what it is. */
export function transportError(access: HubAccess, url: URL, cause: unknown, stalled: boolean): unknown {
  if (access.signal.aborted) return access.signal.reason;
  if (cause instanceof ClipcovError) return cause;
  const where = plainUrl(url);
  if (stalled)
    return new Transient(
      new ClipcovError('hub-stalled', `Nothing has arrived for ${access.stallMs / 1000} s.`, {
        where,
        fix: 'Check the connection and run it again: what was downloaded is kept.',
        cause,
      }),
    );
  const { code, message } = ((cause as Error).cause ?? cause) as NodeJS.ErrnoException;
  return new Transient(
    new ClipcovError('hub-unreachable', `The connection to ${url.host} failed: ${code ?? message}.`, {
      where,
      fix: 'Check the connection and run it again: what was downloaded is kept.',
      cause,
    }),
  );
}
