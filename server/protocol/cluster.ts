/** A stage of a run on a cluster; what `clipcov cluster status --json` tells of it. */
export interface ClusterStageStatus {
  stage: 'prepare' | 'embed' | 'gather' | 'select';
  tasks: number;
  done: number;
  running: number;
  waiting: number;
  failed: number;
  /** Pairs done, and a second over all tasks that are done; null before the first. */
  pairs: number;
  rate: number | null;
  /** How often a cause ended tasks that are neither done nor running or waiting. */
  causes: { cause: string; tasks: number[] }[];
}

export interface ClusterStatus {
  folder: string;
  state: 'done' | 'running' | 'failed' | 'cancelled';
  skipped: number[];
  stages: ClusterStageStatus[];
}
