import type { ClusterRun } from './run.js';

/** Pairs a second of one embedding task, from what tasks of a run have measured; null where none is done. */
export function measuredRate(run: ClusterRun | null): number | null {
  if (run === null) return null;
  const done = run.tasksOf(run.stage('embed')).map((task) => run.done('embed', task));
  const pairs = done.reduce((sum, one) => sum + (one?.pairs ?? 0), 0);
  const seconds = done.reduce((sum, one) => sum + (one?.seconds ?? 0), 0);
  return pairs > 0 && seconds > 0 ? pairs / seconds : null;
}

/** What embedding takes: seconds of one task, and of all when so many run at the same time. */
export function embeddingSeconds(
  pairs: number,
  shards: number,
  rate: number,
  concurrent = shards,
): { task: number; all: number } {
  const task = pairs / shards / rate;
  return { task, all: task * Math.ceil(shards / concurrent) };
}
