import type { ErrorData } from './contract.js';
import type { Inspection } from './dataset.js';
import type { KeptEvaluations, ModelEvaluation, SweepReport } from './evaluation.js';
import type { DeviceChoice } from './fields.js';
import type { Projection } from './map.js';
import type { OpenedPairs, SubsetView } from './pairs.js';
import type { JobProgress, PairPreview, Stage } from './progress.js';
import type { QualityPair, QualityReport } from './quality.js';

/** The whole of what a panel shows. Sent as a snapshot, never as a delta: a hidden webview misses messages. */
export interface PanelState {
  /** A panel of its own, the editor of a `*.clipcov.json`, or the panel of a result. */
  place: 'panel' | 'editor' | 'result';
  setup: SetupState | null;
  run: RunState | null;
  subset: SubsetView | null;
  /** What can be looked at of the subset's pairs, once it is known. */
  pairs: PairsState | null;
  result: ResultView | null;
  /** Why a subset or a result cannot be shown. */
  error: PanelError | null;
  /** How far a map is that was asked for. */
  map?: JobProgress | null;
}

export interface PairsState extends OpenedPairs {
  /** The table of all pairs is being made; no stage while it waits for its turn. */
  reading: { stage: Stage | null; percent: number } | null;
  /** Why it could not be made. */
  error: PanelError | null;
  /** Ids of pairs to be picked and not to be, at the next selection. */
  marks: Record<PairMark, number[]>;
}

/** A map as a panel knows it: its columns are asked for by name. */
export type MapView = Omit<Projection, 'points' | 'pairs' | 'ranks' | 'others'> & {
  others: { name: string; method: string }[];
};

/** A number is the place of another subset in `others`. */
export type MapColumn = 'points' | 'pairs' | 'ranks' | number;

/** What a panel of a result shows, under its title. */
export type ResultView = { title: string } & (
  | { kind: 'models'; evaluation: ModelEvaluation }
  | { kind: 'sweep'; sweep: SweepReport }
  | { kind: 'evaluations'; kept: KeptEvaluations }
  /** `listed`: the finding whose pairs are shown. */
  | { kind: 'dataset'; report: QualityReport; listed: { finding: string; pairs: QualityPair[] } | null }
);

/** The form's subject, before a run. */
export interface SetupState {
  source: string;
  inspection: Inspection | null;
  /** Pairs that were looked at so far, while there is no inspection. */
  looked: number;
  error: PanelError | null;
  /** What the settings say; the form starts from it. */
  defaults: { budget: string; device: DeviceChoice };
  /** GiB that a run keeps to. */
  memory: number;
  /** How fast this machine embedded with this model when it last did, by the device asked for. */
  rates: Partial<Record<DeviceChoice, MeasuredRate>>;
  /** Runs on this source before, the newest first. */
  recent: { id: number; label: string }[];
  /** A run on this source that was begun and is not done. */
  unfinished: UnfinishedRun | null;
  /** Findings of the dataset report whose pairs are to be left out. */
  without: string[];
}

export interface MeasuredRate {
  /** Pairs a second. */
  rate: number;
  /** The device that was really used. */
  device: string;
}

/** `interrupted`: the window was closed or reloaded in mid-run. */
export interface UnfinishedRun {
  why: 'paused' | 'interrupted';
  stage: Stage | null;
  /** Of that stage. */
  percent: number;
}

export interface PanelError extends ErrorData {
  message: string;
}

export interface RunState {
  job: 'select' | 'reselect' | 'cut' | 'evaluate' | 'evaluateModel' | 'sweep' | 'report';
  title: string;
  status: 'running' | 'pausing' | 'paused' | 'cancelling' | 'cancelled' | 'failed' | 'done';
  progress: JobProgress | null;
  /** The newest previews first, bounded by the host. */
  previews: PairPreview[];
  error: PanelError | null;
}

/**
 * `retry` inspects the source, or opens the subset, once more, `stopLooking` stops the former, `chooseColumns` does it by other
 * columns of its table; `resume` and `discard` are about the unfinished run.
 */
export type PanelCommand =
  | 'chooseModel'
  | 'evaluate'
  | 'export'
  | 'openSubset'
  | 'showLog'
  | 'retry'
  | 'chooseColumns'
  | 'stopLooking'
  | 'resume'
  | 'discard'
  | 'saveReport'
  /** About the table of all pairs, and about what was marked. */
  | 'readPairs'
  | 'stopReading'
  | 'reselect'
  | 'clearMarks';

export type PairMark = 'in' | 'out';
