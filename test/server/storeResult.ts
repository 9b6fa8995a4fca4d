import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

/** The bytes of a store's file that are a result: batch sizes in the plan are found by timing, and are none. */
export function result(file: string): Buffer | string {
  if (basename(file) !== 'plan.json') return readFileSync(file);
  return JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as object), batch: undefined });
}
