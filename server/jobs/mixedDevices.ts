import { Database } from '../dataset/database.js';
import { partDevices } from '../embeddings/partFiles.js';
import type { EmbeddingStore } from '../embeddings/store.js';

/** What a person must know of a store that was begun on one device and finished on another. */
export async function mixedDevices({ plan, parts }: EmbeddingStore): Promise<string[]> {
  if (plan === null) return [];
  const files = parts.flatMap(({ metadata }) => metadata ?? []);
  const database = await Database.open();
  const devices = await partDevices(files, database).finally(() => database.close());
  const counts = new Map<string, number>();
  for (const made of devices.values()) {
    const names = made.join(' and ');
    counts.set(names, (counts.get(names) ?? 0) + 1);
  }
  const isMixed = counts.size > 1 || [...counts.keys()].some((names) => names.includes(' and '));
  if (!isMixed) return [];
  const each = [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([names, count]) => `${count} ${count === 1 ? 'part' : 'parts'} on ${names}`);
  return [
    `The embeddings were computed on different devices, which round differently: ${each.join(', ')}. To have them all of one, ` +
      'delete the store and embed again.',
  ];
}
