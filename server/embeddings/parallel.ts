/**
 * Maps items with at most `ahead` of them under way or done and not yet taken, and yields the results in the order of
 * the items. While the caller works on one result, the next ones are already being made.
 */
export async function* mapAhead<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  ahead: number,
  map: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const pending: Promise<R>[] = [];
  try {
    for await (const item of items) {
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

/** Runs work handed to it with at most `limit` pieces at once, in the order they came. */
export function atMost(limit: number): <R>(work: () => Promise<R>) => Promise<R> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running < limit) running++;
    // Whoever ends hands its place on, so that nobody who comes in between takes it.
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
