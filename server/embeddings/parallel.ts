/**
 * Maps items with at most `ahead` of them under way and yields the results in the order of the items. While the caller
 * works on one result, the next ones are already being made.
 */
export async function* mapAhead<T, R>(
  items: Iterable<T>,
  ahead: number,
  map: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const pending: Promise<R>[] = [];
  try {
    for (const item of items) {
      const result = map(item);
      // It is awaited in its turn; until then a failure is not yet anybody's.
      result.catch(() => undefined);
      pending.push(result);
      if (pending.length >= ahead) yield await pending.shift()!;
    }
    while (pending.length) yield await pending.shift()!;
  } finally {
    // A caller that stops early leaves nothing running behind its back.
    await Promise.allSettled(pending);
  }
}
