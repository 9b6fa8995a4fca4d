import type { DeviceReport } from '../protocol/progress.js';

/** What a person must know of a run that lost a device: its embeddings are of two. */
export function lossWarnings({ used, lost = [] }: DeviceReport): string[] {
  return lost.map(
    ({ device, reason }) =>
      `The device ${device} failed in mid-run (${reason}). What it had embedded was kept and the rest was computed on ` +
      `another (${used}): another device rounds otherwise, so the embeddings depend on where it stopped.`,
  );
}
