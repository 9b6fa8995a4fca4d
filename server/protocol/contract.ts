/**
 * The contract between the compute server, the extension and the webview: all requests, and by theme beside this file what they
 * hold. Nothing else crosses a process boundary.
 *
 *   extension --(JSON-RPC over a WebSocket on 127.0.0.1)--> server      `requests`, `JobProgress` (progress.ts)
 *   webview   --(postMessage)--> extension                              `FromPanel`, `ToPanel` (panelMessages.ts)
 *
 * Requests are validated with their schemas before anything acts on them; results are plain data. A job
 * (`select`, `evaluate`) reports `JobProgress` under the caller's progress token and honours `$/cancelRequest`.
 * Pairs are named by id, never by path: `id` is the pair's 0-based row in its dataset (in its store, for a bare one).
 */
import { z } from 'zod';
import { inspectSchema, tableColumnsSchema, type Inspection } from './dataset.js';
import { doctorSchema, type DoctorReport } from './doctor.js';
import {
  evaluateModelSchema,
  evaluateSchema,
  evaluationsSchema,
  sweepSchema,
  type EvaluationReport,
  type KeptEvaluations,
  type ModelEvaluation,
  type SweepReport,
} from './evaluation.js';
import { exportSchema, type ExportReport } from './export.js';
import { pageOffset, path, source } from './fields.js';
import { mapColumnsSchema, projectSchema, type Projection } from './map.js';
import { hubModel, type ListedModels, type ModelPlan, type PulledModel } from './models.js';
import {
  explainSchema,
  pageSchema,
  pairs,
  thumbnailsSchema,
  type Distributions,
  type Explanation,
  type OpenedPairs,
  type PairClass,
  type PairPage,
  type PairRow,
  type SubsetView,
  type Thumbnail,
} from './pairs.js';
import { pairFilterSchema } from './pairView.js';
import { reportSchema, type QualityAnswer } from './quality.js';
import {
  cutSchema,
  reselectSchema,
  selectSchema,
  type CutReport,
  type SelectionReport,
} from './selection.js';

/** Raised by one whenever a message changes incompatibly; `hello` refuses a client of another version. */
export const PROTOCOL_VERSION = 1;

/** Every request, by method name; the server answers no other. */
export const requests = {
  hello: z.strictObject({ protocol: z.number().int() }),
  inspect: inspectSchema,
  tableColumns: tableColumnsSchema,
  select: selectSchema,
  evaluate: evaluateSchema,
  evaluateModel: evaluateModelSchema,
  sweep: sweepSchema,
  evaluations: evaluationsSchema,
  doctor: doctorSchema,
  report: reportSchema,
  explain: explainSchema,
  export: exportSchema,
  /** The models that can be used without fetching anything. */
  listModels: z.strictObject({}),
  /** Asks the hub what a pull would fetch; what a user is shown before he agrees to it. */
  planModel: hubModel,
  /** Fetches a model of the Hugging Face hub into the cache: nothing else does. */
  pullModel: hubModel,
  /** Picks again with pairs forced in or out. */
  reselect: reselectSchema,
  cut: cutSchema,
  /** Makes the table of all pairs of a subset's dataset, picked or not. */
  readPairs: z.strictObject({ ...source, subset: path }),
  openSubset: z.strictObject({ subset: path }),
  /** Refuses picks that are not those which the subset was written with. */
  checkSubset: z.strictObject({ subset: path }),
  openPairs: z.strictObject(pairs),
  distributions: z.strictObject(pairs),
  page: pageSchema,
  pairsById: z.strictObject({ ...pairs, ids: z.array(pageOffset).max(200) }),
  /** The pair in a row of the store: the points of a map are rows. */
  pairAt: z.strictObject({ ...pairs, row: pageOffset }),
  pairClasses: z.strictObject({ ...pairs, where: pairFilterSchema.prefault({}) }),
  thumbnails: thumbnailsSchema,
  /** The file of a pair's image: for the host alone, which no webview tells of it. */
  imageFile: z.strictObject({ ...pairs, id: pageOffset, approvedRoots: source.approvedRoots }),
  /** The map of the dataset that a subset was chosen from. */
  project: projectSchema,
  mapColumns: mapColumnsSchema,
} as const;

export type RequestName = keyof typeof requests;

/** What a caller sends: defaults may be left out. */
export type RequestParams<M extends RequestName> = z.input<(typeof requests)[M]>;

/** What the server works with: validated, defaults filled in. */
export type ValidParams<M extends RequestName> = z.output<(typeof requests)[M]>;

export interface RequestResults {
  hello: { protocol: number; version: string };
  inspect: Inspection;
  tableColumns: { names: string[] };
  select: SelectionReport;
  evaluate: EvaluationReport;
  evaluateModel: ModelEvaluation;
  sweep: SweepReport;
  evaluations: KeptEvaluations;
  doctor: DoctorReport;
  report: QualityAnswer;
  explain: Explanation;
  export: ExportReport;
  listModels: ListedModels;
  planModel: ModelPlan;
  pullModel: PulledModel;
  reselect: SelectionReport;
  cut: CutReport;
  readPairs: { pairs: number };
  openSubset: SubsetView;
  checkSubset: Record<string, never>;
  openPairs: OpenedPairs;
  distributions: Distributions;
  page: PairPage;
  pairsById: PairRow[];
  /** Null where only the picks are at hand, and it is none of them. */
  pairAt: PairRow | null;
  pairClasses: PairClass[];
  thumbnails: Thumbnail[];
  imageFile: { file: string } | { reason: string };
  project: Projection;
  /** Of each file its page: little-endian float32 in base64. */
  mapColumns: string[];
}

/** Error of a request: what happened, where, and what to do, in that order. */
export interface ErrorData {
  code: string;
  where: string | null;
  fix: string | null;
}
