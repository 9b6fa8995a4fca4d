import { isNested, parsePipeline } from '../selection/pipeline.js';

/** Said of a subset that has not all the picks that it was asked for. */
export function shortfallWarning(budget: number, picks: number): string {
  return `The budget asks for ${budget} pairs; duplicates, filters and quotas leave ${picks}, and all were picked.`;
}

/** What a cut is not, by a method that picks otherwise for another budget; null by all others. */
export function cutWarning(method: string, cut: number, picks: number): string | null {
  if (isNested(parsePipeline(method))) return null;
  return `These are the first ${cut} of ${picks} picks; asked for no more than these, ${method} may pick others.`;
}
