import { ErrorCodes, ResponseError } from 'vscode-jsonrpc/node';
import { ClipcovError } from '../errors.js';
import type { ErrorData } from '../protocol/contract.js';

/** Code of every error that a person can act on; its data say more. */
export const CLIPCOV_ERROR = -32000;

/** The answer to a failed request. Defects go to the log with their stack, never to the client. */
export function toResponseError(
  error: unknown,
  log: (line: string) => void,
): ResponseError<ErrorData | undefined> {
  if (error instanceof ResponseError) return error as ResponseError<ErrorData | undefined>;
  if (error instanceof ClipcovError) return new ResponseError(CLIPCOV_ERROR, error.message, error.data);
  log(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return new ResponseError(ErrorCodes.InternalError, 'internal error, see the server log');
}
