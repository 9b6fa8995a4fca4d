import { z } from 'zod';
import { ErrorCodes, ResponseError } from 'vscode-jsonrpc/node';
import { requests, type RequestName } from '../protocol/contract.js';

/** What a request carries: the method's own parameters, and where its progress goes. */
export interface Envelope {
  params: unknown;
  progress: string | null;
}

const progress = z.string().min(1).max(128).nullable();
const envelopes = new Map(
  Object.entries(requests).map(([name, params]) => [name, z.strictObject({ params, progress })]),
);

export function isRequestName(method: string): method is RequestName {
  return envelopes.has(method);
}

/** The request's content with defaults filled in; throws the answer to give where it is not valid. */
export function validate(method: RequestName, content: unknown): Envelope {
  const parsed = envelopes.get(method)?.safeParse(content);
  if (parsed?.success) return parsed.data;
  throw new ResponseError(ErrorCodes.InvalidParams, oneLine(`${method}: ${describe(parsed?.error)}`));
}

function describe(error: z.ZodError | undefined): string {
  const issue = error?.issues[0];
  if (!issue) return 'not valid';
  const path = issue.path.map(String);
  const field = (path[0] === 'params' && path.length > 1 ? path.slice(1) : path).join('.');
  return field ? `${field}: ${issue.message}` : issue.message;
}

/** The caller's own keys may be quoted in a message: no line breaks, no endless names. */
function oneLine(text: string): string {
  const line = text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}
