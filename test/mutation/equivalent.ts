import { evaluation } from './explained/evaluation.js';
import { selection } from './explained/selection.js';
import type { Mutant } from './stryker.js';

/** Why some mutants cannot be found by any test, since they change nothing that can be seen. */
export interface Reason {
  why: string;
  mutants: [file: string, ...changed: string[]][];
}

const known = new Set(
  [...selection, ...evaluation].flatMap(({ mutants }) =>
    mutants.flatMap(([file, ...lines]) => lines.map((changed) => `server/${file}.ts\n${changed}`)),
  ),
);

export function equivalent({ file, changed }: Mutant): boolean {
  return known.has(`${file}\n${changed}`);
}
