import { subsetFacts } from './documents.js';
import { SUBSET_END } from './grouping.js';

/** As the server names the lists that it writes for a subset, after the subset's name and a dot. */
const OWN_LIST = /^(include|exclude)-[0-9a-f]{8}\.txt$/;

/**
 * Names of the files beside a subset's document that go with it: its picks, and the lists that were written for it, also
 * those that an interrupted selection left behind. What another document of the folder names stays, and so do a user's lists.
 */
export function filesOfSubset(
  documentName: string,
  document: unknown,
  names: readonly string[],
  others: readonly unknown[],
): string[] {
  const prefix = `${documentName.slice(0, -SUBSET_END.length)}.`;
  const { picksFile } = subsetFacts(document);
  const needed = new Set(
    others.flatMap((other) => {
      const facts = subsetFacts(other);
      return [facts.picksFile, ...facts.lists];
    }),
  );
  const isOwn = (name: string): boolean =>
    name === picksFile || (name.startsWith(prefix) && OWN_LIST.test(name.slice(prefix.length)));
  return names.filter((name) => isOwn(name) && !needed.has(name));
}
