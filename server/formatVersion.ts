import { ClipcovError } from './errors.js';

interface Format {
  /** The newest that this version reads. */
  known: number;
  /** What the file is, as a sentence begins. */
  what: string;
  where: string;
  /** What to do where ClipCov is not to be updated. */
  otherwise: string;
}

/** Refuses what a newer version of ClipCov wrote: read by the rules of this one, it could say something else. */
export function refuseNewer(document: unknown, { known, what, where, otherwise }: Format): void {
  const schema =
    typeof document === 'object' && document !== null
      ? (document as Record<string, unknown>)['schema']
      : undefined;
  if (typeof schema !== 'number' || schema <= known) return;
  throw new ClipcovError(
    'format-newer',
    `${what} was written by a newer version of ClipCov: its format is ${schema}, and this version reads up to ${known}.`,
    { where, fix: `Update ClipCov, or ${otherwise}` },
  );
}
