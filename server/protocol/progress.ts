export interface DeviceReport {
  /** The device really used, for instance `cpu (2 threads)`; of a run that lost one, `webgpu, then cpu (2 threads)`. */
  used: string;
  /** Why it was taken: it was asked for, or its rate beside the CPU's. */
  why?: string;
  /** Why every device before it was not taken, or not kept. */
  refused: { device: string; reason: string }[];
  /** Of those, the devices that failed in mid-run; absent where none did. */
  lost?: { device: string; reason: string }[];
}

/** One pair as a job shows it while it runs; `gain` is null until the selection knows it. */
export interface PairPreview {
  id: number;
  caption: string;
  latentClass: string | null;
  clipScore: number;
  gain: number | null;
  /** data: URI of a WebP thumbnail, or null where the store has no images. */
  thumbnail: string | null;
}

/** In the order of a run: class names, dataset, embeddings, then the selection reads the store. */
export const STAGES = ['classes', 'read', 'embed', 'classify', 'select', 'write', 'evaluate'] as const;

/** `download` is the one stage of `pullModel`, counted in bytes; the last three are those of `project`. */
export type Stage = (typeof STAGES)[number] | 'download' | 'project' | 'layout' | 'place';

export interface JobProgress {
  stage: Stage;
  done: number;
  total: number;
  /** What is counted: `pairs`, `classes`, `picks`, … */
  unit: string;
  /** Units a second, null until it is known. */
  rate: number | null;
  secondsLeft: number | null;
  device: string;
  /** Rows left out so far. */
  skipped: number;
  /** A sample of what the stage just did, at most 12. */
  previews?: PairPreview[];
  /** Path of the subset, from the moment it is saved. */
  subset?: string;
}
