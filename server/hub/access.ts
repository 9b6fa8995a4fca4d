import { ClipcovError } from '../errors.js';

/** How the hub is reached: where, as whom, how patiently, and until when. */
export interface HubAccess {
  endpoint: URL;
  /** Sent to the endpoint itself and to nobody else; stands in no message. */
  token: string | null;
  /** A connection without a byte for so long is given up, ms. */
  stallMs: number;
  /** Pause before the second try, ms; twice that before the third. */
  backoffMs: number;
  /** Aborted with the error to throw. */
  signal: AbortSignal;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** As the environment says, in the variables of Hugging Face's own tools. */
export function hubAccess(
  signal: AbortSignal,
  env: Environment = process.env,
  timing: Partial<Pick<HubAccess, 'stallMs' | 'backoffMs'>> = {},
): HubAccess {
  const endpoint = readEndpoint(env['HF_ENDPOINT']?.trim() || 'https://huggingface.co');
  return { endpoint, token: readToken(env['HF_TOKEN']), stallMs: 30_000, backoffMs: 500, ...timing, signal };
}

/** Whether nothing may be fetched. */
export function isOffline(env: Environment = process.env): boolean {
  return /^(1|on|yes|true)$/i.test(env['HF_HUB_OFFLINE'] ?? '');
}

export function offlineError(name: string): ClipcovError {
  return new ClipcovError(
    'hub-offline',
    `The model ${name} is not in the cache, and the hub is set offline.`,
    {
      fix: 'Unset HF_HUB_OFFLINE and leave out --offline, or copy the model into the cache.',
    },
  );
}

/** A path below the endpoint, which may have a path of its own (a mirror). */
export function hubUrl({ endpoint }: HubAccess, path: string): URL {
  return new URL(endpoint.href.replace(/\/$/, '') + path);
}

/**
 * Encrypted always, except to this machine, and then only where this machine was asked to begin with: no server
 * elsewhere may send us to a service of ours.
 */
export function mayAsk({ endpoint }: Pick<HubAccess, 'endpoint'>, url: URL): boolean {
  if (url.username || url.password) return false;
  if (isThisMachine(url)) return isThisMachine(endpoint) && /^https?:$/.test(url.protocol);
  return url.protocol === 'https:';
}

function isThisMachine({ hostname }: URL): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}

function readEndpoint(text: string): URL {
  const refuse = (why: string): never => {
    throw new ClipcovError('hub-endpoint', `HF_ENDPOINT cannot be used: ${why}.`, {
      fix: 'Set it (in the editor: clipcov.hub.endpoint) to an https:// address, or unset it for https://huggingface.co.',
    });
  };
  if (!URL.canParse(text)) return refuse('it is no URL');
  const endpoint = new URL(text);
  if (endpoint.username || endpoint.password) return refuse('it carries a name or password');
  if (endpoint.search || endpoint.hash) return refuse('it has a query');
  return mayAsk({ endpoint }, endpoint) ? endpoint : refuse('it is not https');
}

/** Refused here if it cannot be sent: the runtime's own message would print it. */
function readToken(text: string | undefined): string | null {
  const token = text?.trim() ?? '';
  if (token !== '' && !/^[\x21-\x7e]+$/.test(token))
    throw new ClipcovError('hub-token', 'HF_TOKEN holds characters that no token has.', {
      fix: 'Set it to the token alone, without spaces, quotes or line breaks, or unset it.',
    });
  return token || null;
}
