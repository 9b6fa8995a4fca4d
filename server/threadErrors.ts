import { Cancelled, ClipcovError } from './errors.js';
import type { ErrorData } from './protocol/contract.js';

/** An error as it crosses from one thread to another; `data` is null for a defect. */
export interface WorkerError {
  message: string;
  stack: string | null;
  data: ErrorData | null;
}

export function packError(error: unknown): WorkerError {
  if (!(error instanceof Error)) return { message: String(error), stack: null, data: null };
  return {
    message: error.message,
    stack: error.stack ?? null,
    data: error instanceof ClipcovError ? error.data : null,
  };
}

export function unpackError({ message, stack, data }: WorkerError): Error {
  if (data?.code === 'cancelled') return new Cancelled();
  if (data)
    return new ClipcovError(data.code, message, {
      ...(data.where !== null && { where: data.where }),
      ...(data.fix !== null && { fix: data.fix }),
    });
  const error = new Error(message);
  if (stack !== null) error.stack = stack;
  return error;
}
