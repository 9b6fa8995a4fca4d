import type { ErrorData } from './protocol/contract.js';

/** An error a person can act on: what happened, where (file, row), and what to do. Everything else is a defect. */
export class ClipcovError extends Error {
  readonly code: string;
  readonly where: string | null;
  readonly fix: string | null;

  constructor(code: string, message: string, detail: { where?: string; fix?: string; cause?: unknown } = {}) {
    super(message, { cause: detail.cause });
    this.name = 'ClipcovError';
    this.code = code;
    this.where = detail.where ?? null;
    this.fix = detail.fix ?? null;
  }

  get data(): ErrorData {
    return { code: this.code, where: this.where, fix: this.fix };
  }
}

/** Thrown out of a job that was asked to stop. */
export class Cancelled extends ClipcovError {
  constructor() {
    super('cancelled', 'Cancelled.', { fix: 'Run it again to go on: finished parts are kept.' });
  }
}

/** One line for a terminal or a notification. */
export function describeError(error: unknown): string {
  if (error instanceof ClipcovError)
    return [error.message, error.where && `(${error.where})`, error.fix].filter(Boolean).join(' ');
  return error instanceof Error ? error.message : String(error);
}
