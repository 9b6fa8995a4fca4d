import type { RunOptions } from '../../server/protocol/contract.js';

/** Only what the form may set leaves the webview; the server validates the values. */
export function selectParams(options: RunOptions): RunOptions {
  const { budget, method, nearDuplicates, seed, weights, device } = options;
  const params = { budget, method, seed, weights, device } as RunOptions;
  if (nearDuplicates !== undefined) params.nearDuplicates = nearDuplicates;
  return params;
}
