/** The kinds of work of a run, in the order of their dependencies. */
export const STAGES = ['prepare', 'embed', 'gather', 'select'] as const;
export type StageName = (typeof STAGES)[number];

export interface Stage {
  name: StageName;
  /** Tasks of a job array, or null for a job of one task. */
  tasks: number | null;
  /** Whether it computes on the cluster's accelerators. */
  accelerated: boolean;
  /** The array whose tasks this stage verifies: what is missing there it submits again. */
  verifies: StageName | null;
  what: string;
}

/**
 * The graph of a run: each stage waits for the one before it. A stage that verifies an array runs however that ended, since
 * Slurm cancels what waits for the success of an array of which one task was requeued; any other waits for success.
 */
export function stagesOf(shards: number): Stage[] {
  return [
    {
      name: 'prepare',
      tasks: null,
      accelerated: false,
      verifies: null,
      what: 'reads the dataset, plans the store',
    },
    { name: 'embed', tasks: shards, accelerated: true, verifies: null, what: 'embeds one shard a task' },
    {
      name: 'gather',
      tasks: null,
      accelerated: false,
      verifies: 'embed',
      what: 'verifies the shards, submits missing ones again',
    },
    {
      name: 'select',
      tasks: null,
      accelerated: false,
      verifies: null,
      what: 'selects, saves the subset, evaluates where asked',
    },
  ];
}

/** Parts [first, end) of a shard: contiguous, and as equal as whole parts are. A shard may have none. */
export function shardParts(shard: number, shards: number, parts: number): { first: number; end: number } {
  const start = (index: number): number => Math.floor((index * parts) / shards);
  return { first: start(shard), end: start(shard + 1) };
}

/** How a stage waits for the one before it. */
export function dependencyOf(stage: Stage): 'afterok' | 'afterany' {
  return stage.verifies === null ? 'afterok' : 'afterany';
}

/** Task numbers as Slurm writes them: `0-3,7`. */
export function arrayOf(tasks: readonly number[]): string {
  const sorted = [...tasks].sort((a, b) => a - b);
  const pieces: string[] = [];
  for (let i = 0; i < sorted.length; i++) {
    const first = sorted[i]!;
    while (sorted[i + 1] === sorted[i]! + 1) i++;
    pieces.push(first === sorted[i] ? `${first}` : `${first}-${sorted[i]}`);
  }
  return pieces.join(',');
}
