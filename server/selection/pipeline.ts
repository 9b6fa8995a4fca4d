import { ClipcovError } from '../errors.js';
import { FILTERS, METHODS, type Filter, type Method } from '../protocol/selection.js';

/** One method or filter of a step, and how much it keeps; null for the run's budget. */
export interface PipelinePart {
  name: Method | Filter;
  /** `30%` of the original pairs or a number of them; ε for `near-duplicates`. */
  amount: string | null;
}

/** Steps, first to last; a pair passes a step that all parts of it keep. */
export type Pipeline = PipelinePart[][];

/**
 * Reads `neg-clip-loss:30% | norm-sim:20%`: each step chooses from what the one before has left, `&` joins parts whose
 * choices are intersected. Every part but the last step's says how much it keeps; shares are of the original pairs.
 */
export function parsePipeline(text: string): Pipeline {
  const steps = text.split('|').map((step) => step.split('&').map((part) => parsePart(part, text)));
  steps.forEach((parts, i) => {
    const last = i === steps.length - 1;
    for (const { name, amount } of parts) {
      if (amount === null && !isFilter(name) && !(last && parts.length === 1))
        throw refuse(text, `'${name}' says not how much it keeps`);
      if (last && isFilter(name)) throw refuse(text, `the filter '${name}' comes last and ranks nothing`);
    }
  });
  return steps;
}

/** Methods whose picks for a budget need not begin with those for a smaller one. */
const UNNESTED: readonly string[] = ['skmm', 'clipcov-pruned'] satisfies Method[];

/** Whether the first of the picks are what a smaller budget would have picked. */
export function isNested(steps: Pipeline): boolean {
  return steps.at(-1)!.every(({ name, amount }) => amount !== null || !UNNESTED.includes(name));
}

export function isFilter(name: string): name is Filter {
  return (FILTERS as readonly string[]).includes(name);
}

function parsePart(part: string, text: string): PipelinePart {
  const [name = '', amount = null, ...more] = part.split(':').map((piece) => piece.trim());
  const known: readonly string[] = [...METHODS, ...FILTERS];
  if (!known.includes(name) || more.length || amount === '')
    throw refuse(text, name === '' ? 'a step is empty' : `'${part.trim()}' is none of ${known.join(', ')}`);
  return { name: name as PipelinePart['name'], amount };
}

function refuse(text: string, why: string): ClipcovError {
  return new ClipcovError('method-invalid', `The method '${text}' cannot be read: ${why}.`, {
    fix: "Give a method such as clipcov, or steps such as 'neg-clip-loss:30% | norm-sim:20%' or 'ood:95% | near-duplicates | clipcov'.",
  });
}
