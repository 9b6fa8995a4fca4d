/**
 * The contract between the compute server, the extension and the webview. Nothing else crosses a process boundary.
 *
 *   extension --(JSON-RPC over a WebSocket on 127.0.0.1)--> server      `requests`, `JobProgress`
 *   webview   --(postMessage)--> extension                              `FromPanel`, `PanelState`
 *
 * Requests are validated with the schemas below before anything acts on them; results are plain data. A job
 * (`select`, `evaluate`) reports `JobProgress` under the caller's progress token and honours `$/cancelRequest`.
 * Pairs are named by id, never by path: `id` is the pair's 0-based row in its dataset (in its store, for a bare one).
 */
import { z } from 'zod';

/** Raised by one whenever a message changes incompatibly; `hello` refuses a client of another version. */
export const PROTOCOL_VERSION = 1;

const path = z.string().min(1).max(4096);
const pageOffset = z
  .number()
  .int()
  .min(0)
  .max(2 ** 40);
const seed = z
  .number()
  .int()
  .min(0)
  .max(2 ** 32 - 1);

export const METHODS = [
  'clipcov',
  'clipcov-pruned',
  'clipcov-notebook',
  'clip-score',
  'semdedup',
  'semdedup-released',
  'neg-clip-loss',
  'norm-sim',
  'c-rho',
  'skmm',
  'random',
] as const;
/** What a step of a method may be besides: it leaves pairs out and ranks nothing. */
export const FILTERS = ['near-duplicates', 'ood'] as const;
export const DEVICES = ['auto', 'cpu', 'cuda', 'webgpu', 'dml', 'coreml'] as const;
/** Precisions of a model's graphs beside the full one, by the ends of their files' names. */
export const MODEL_VARIANTS = ['fp16', 'quantized'] as const;
export const EXPORT_FORMATS = [
  'openclip-csv',
  'cyclip-csv',
  'datacomp',
  'webdataset',
  'source',
  'clip-retrieval',
  'imagefolder',
  'parquet',
  'jsonl',
  'text',
] as const;

/** Weights of the objective F (method.md); each defaults to the paper's value. */
export const weightsSchema = z.strictObject({
  cross: z.number().default(1),
  self: z.number().default(2),
  label: z.number().default(0.5),
  inter: z.number().default(1),
  /** λ, refused below 0. */
  redundancy: z.number().min(0).default(1),
  /** β */
  balance: z.number().default(0),
});

const findingId = z.string().regex(/^[a-z][a-z-]{1,40}$/, { error: 'is no name of a finding' });

/** What a job works on: a dataset folder or table, or an embedding store in clip-retrieval's layout. */
const source = {
  source: path,
  /** Model folder, or `owner/name` of a hub model in the cache; the embedded icon-clip where absent. */
  model: path.optional(),
  /** Where embeddings live, in a folder of its own for each dataset; `.clipcov/` in the dataset's folder where absent. */
  store: path.optional(),
  /** Of DataComp's metadata: the embeddings of which model to take; the larger one's where absent. */
  embeddings: z.enum(['l14', 'b32']).optional(),
  device: z.enum(DEVICES).default('auto'),
  /** GiB of memory that a selection or evaluation keeps to. */
  memory: z.number().min(0.5).max(4096).default(2),
  /** Folders outside the dataset that the user approved for image paths. */
  approvedRoots: z.array(path).max(64).default([]),
};

export const selectSchema = z.strictObject({
  ...source,
  /** `10%` of the valid pairs (floor), or a number of pairs; several of them, `5%,10%`, make as many subsets. */
  budget: z.string().max(200),
  /** A method, or steps of them: `neg-clip-loss:30% | norm-sim:20%`. */
  method: z.string().min(1).max(400).default('clipcov'),
  /** `.npy`, [m, d], image embeddings of the target set of norm-sim. */
  target: path.optional(),
  norm: z.enum(['2', 'inf']).default('2'),
  /** Store of the same pairs by an early model, for c-rho. */
  early: path.optional(),
  /** Text files of ids, one a line: pairs that must be picked first, and pairs that must not be. */
  include: path.optional(),
  exclude: path.optional(),
  /** Findings of the dataset report whose pairs are not picked, by id. */
  excludeFindings: z.array(findingId).max(64).default([]),
  /** `5%` of the pairs by the seed, or a text file of ids: kept out of selection, for evaluation. */
  holdout: path.optional(),
  /** At most so many picks of a class: a number, or a share of the class. */
  classQuota: z.string().max(32).optional(),
  /** Text file of class names, one a line; or `imagenet-1k`, the names that come with the product. */
  classes: path.optional(),
  /** `.npy`, [classes, d], text embeddings of the classes. */
  classEmbeddings: path.optional(),
  /** Number of k-means classes, used where there are no class names. */
  kmeans: z.number().int().min(1).max(100_000).optional(),
  weights: weightsSchema.prefault({}),
  seed: seed.default(0),
  /** ε of the near-duplicate filter: pairs of one class whose images' cosine is above 1 − ε. */
  nearDuplicates: z.number().gt(0).max(2).optional(),
  /**
   * Name or path of the subset, `<method>-<budget>` where absent. Names are below `subsets/` in the dataset's folder; in
   * the folder of its embeddings where `store` is given and the dataset's cannot be written to.
   */
  out: path.optional(),
  /** Whether to evaluate the saved subset beside the baselines. */
  evaluate: z.boolean().default(true),
});

/** What may be wrong with the pairs of a dataset, before any selection. */
export const reportSchema = selectSchema
  .pick({ classes: true, classEmbeddings: true, kmeans: true, seed: true })
  .extend({
    ...source,
    /** ε of near duplicates, as of `select`. */
    nearDuplicates: z.number().gt(0).max(2).default(0.05),
    /** The finding whose pairs are listed. */
    finding: findingId.optional(),
    /** Files of the report, by their extension: `.html`, `.md`, `.csv` or `.json`. */
    out: z.array(path).max(8).default([]),
  });

/** Labelled sets that linear CLIP is tried on as well: folders of classes, tables with labels, CLIP_benchmark's WebDatasets. */
const labelledSets = z.array(path).max(64).default([]);

/** Methods × budgets × seeds in one job. */
export const sweepSchema = selectSchema
  .omit({
    budget: true,
    method: true,
    include: true,
    exclude: true,
    excludeFindings: true,
    classQuota: true,
    out: true,
    evaluate: true,
  })
  .extend({
    /** As of select, several of them: `5%,10%,20%`. */
    budgets: z.string().max(200),
    methods: z.array(z.string().min(1).max(400)).min(1).max(32),
    /** How many seeds, 0 and on, a method runs with whose picks depend on one. */
    seeds: z.number().int().min(1).max(20).default(3),
    on: labelledSets,
    /** Files of the report, by their extension: `.html`, `.md`, `.csv` or `.json`. */
    out: z.array(path).max(8).default([]),
  });
export const evaluateSchema = z.strictObject({ ...source, subset: path, on: labelledSets });
export const evaluateModelSchema = z.strictObject({
  /** Model folders, or hub names that are in the cache. */
  models: z.array(path).min(1).max(16),
  /** Labelled sets: folders of classes, tables with labels, CLIP_benchmark's WebDatasets. */
  sets: z.array(path).min(1).max(64),
  /** Folder for a JSON file each, as CLIP_benchmark writes them. */
  out: path.optional(),
  store: path.optional(),
  device: z.enum(DEVICES).default('auto'),
  approvedRoots: source.approvedRoots,
});
/** What sweeps have measured so far. */
export const evaluationsSchema = z.strictObject({ source: path, store: path.optional() });
export const explainSchema = z.strictObject({ ...source, subset: path, id: pageOffset });
export const inspectSchema = z.strictObject(source);
/** What a run depends on: of the machine alone, or of a dataset too. */
export const doctorSchema = z.strictObject({ ...source, source: path.optional() });
export const exportSchema = z.strictObject({
  subset: path,
  format: z.enum(EXPORT_FORMATS),
  /** A file, or for formats of several files a folder that is not there yet or empty. */
  out: path,
  /** As the subset was selected with. */
  store: path.optional(),
  approvedRoots: source.approvedRoots,
});
/** What pairs may be sorted by; numbers among them may be bounded. */
export const PAIR_NUMBERS = ['rank', 'gain', 'clipScore', 'cross', 'label', 'inter'] as const;
export const PAIR_COLUMNS = [...PAIR_NUMBERS, 'latentClass', 'caption', 'id'] as const;
/** The name of a subset beside another, without the extension: never a way out of its folder. */
const siblingName = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[^/\\]+$/);
/** How embeddings become points of a map. */
export const PROJECTIONS = ['pca', 'umap'] as const;
/** Which pairs are looked at: those that meet all that is given. */
export const pairFilterSchema = z.strictObject({
  selected: z.boolean().optional(),
  classes: z.array(z.string().max(10_000)).max(1000).optional(),
  ranges: z
    .partialRecord(
      z.enum(PAIR_NUMBERS),
      z.strictObject({ from: z.number().optional(), to: z.number().optional() }),
    )
    .optional(),
  /** Captions that hold this text; capitals do not matter, and no character stands for others. */
  search: z.string().max(1000).optional(),
  /** Whether another subset of the same pairs picked them. */
  others: z
    .array(z.strictObject({ name: siblingName, picked: z.boolean() }))
    .max(16)
    .optional(),
  /** Corners of a part of the map in its own coordinates, x and y of each: pairs that lie in it. */
  within: z
    .strictObject({ by: z.enum(PROJECTIONS), corners: z.array(z.number()).min(6).max(8192) })
    .optional(),
});
/** A look at pairs: which, and in what order. Pairs that have no value in a column come last either way. */
export const pairViewSchema = z.strictObject({
  sort: z.enum(PAIR_COLUMNS).default('rank'),
  descending: z.boolean().default(false),
  /** The pairs of a class behind each other, classes by name. */
  byClass: z.boolean().default(false),
  where: pairFilterSchema.prefault({}),
});
/** A subset, and where the table of all pairs of its dataset may lie. */
const pairs = { subset: path, store: path.optional() };
export const pageSchema = z.strictObject({
  ...pairs,
  offset: pageOffset,
  limit: z.number().int().min(1).max(500),
  view: pairViewSchema.prefault({}),
  /** Whether the terms of picks are wanted too, which the picks alone do not hold. */
  terms: z.boolean().default(false),
});
export const thumbnailsSchema = z.strictObject({
  ...pairs,
  ids: z.array(pageOffset).max(200),
  approvedRoots: source.approvedRoots,
  /** Large ones are for looking at one pair. */
  size: z.enum(['small', 'large']).default('small'),
});
/** Picks anew what a saved subset picked, with some pairs forced in or out. */
export const reselectSchema = z.strictObject({
  ...source,
  subset: path,
  include: z.array(pageOffset).max(10_000),
  exclude: z.array(pageOffset).max(10_000),
  /** Name or path, as of `select`; the subset itself where absent. */
  out: path.optional(),
});
/** Saves the first picks of a subset as another one. */
export const cutSchema = z.strictObject({
  ...source,
  subset: path,
  /** As of `select`, no more than there are picks. */
  budget: z.string().max(200),
  /** Name or path; a name is one beside the subset. */
  out: path,
});
export const projectSchema = z.strictObject({ ...source, subset: path, by: z.enum(PROJECTIONS) });
/** Rows of a page of map columns: as many as fit a message with room to spare. */
export const MAP_PAGE = 32_768;
export const mapColumnsSchema = z.strictObject({
  /** As `project` named them. */
  files: z.array(path).min(1).max(8),
  offset: pageOffset,
  limit: z.number().int().min(1).max(MAP_PAGE),
});
const hubModel = z.strictObject({
  /** `owner/name`, with `@revision` and `:variant` where these are not given beside it. */
  name: z.string().min(3).max(400),
  /** Branch, tag or commit; `main` where absent. */
  revision: z.string().min(1).max(200).optional(),
  /** Full precision where absent. */
  variant: z.enum(MODEL_VARIANTS).optional(),
});

/** Every request, by method name; the server answers no other. */
export const requests = {
  hello: z.strictObject({ protocol: z.number().int() }),
  inspect: inspectSchema,
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
export type PairColumn = (typeof PAIR_COLUMNS)[number];
export type PairNumber = (typeof PAIR_NUMBERS)[number];
export type PairFilter = z.output<typeof pairFilterSchema>;
export type PairView = z.output<typeof pairViewSchema>;
/** What a caller sends: defaults may be left out. */
export type RequestParams<M extends RequestName> = z.input<(typeof requests)[M]>;
/** What the server works with: validated, defaults filled in. */
export type ValidParams<M extends RequestName> = z.output<(typeof requests)[M]>;
export type Weights = z.output<typeof weightsSchema>;
export type Method = (typeof METHODS)[number];
export type Filter = (typeof FILTERS)[number];
export type ModelVariant = (typeof MODEL_VARIANTS)[number];
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
export type ProjectionKind = (typeof PROJECTIONS)[number];
export type DeviceChoice = (typeof DEVICES)[number];

export interface RequestResults {
  hello: { protocol: number; version: string };
  inspect: Inspection;
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

/** What was looked at, and what to do about it where it is not as it should be. */
export interface DoctorFinding {
  check:
    | 'versions'
    | 'device'
    | 'memory'
    | 'model'
    | 'temporary'
    | 'permissions'
    | 'disk'
    | 'dataset'
    | 'store'
    | 'subset';
  state: 'ok' | 'note' | 'warning' | 'failed';
  found: string;
  where?: string;
  fix?: string;
}

export interface DoctorReport {
  findings: DoctorFinding[];
}

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

/** The usual dimensions of data quality, in the order a report shows them. */
export const DIMENSIONS = ['completeness', 'correctness', 'consistency', 'uniqueness', 'balance'] as const;

/** What one check found. */
export interface QualityFinding {
  /** As it is named on the command line. */
  id: string;
  dimension: (typeof DIMENSIONS)[number];
  title: string;
  /** Why a person may want to know. */
  why: string;
  severity: 'problem' | 'doubt' | 'note';
  count: number;
  /** Of all pairs of the dataset. */
  share: number;
  /** The first few by id; of a pair that could not be embedded the reason is told. */
  examples: QualityPair[];
}

export interface QualityPair {
  id: number;
  image: string | null;
  caption: string | null;
  /** Why it was not embedded, or null. */
  reason: string | null;
  /** Of a near duplicate, the pair it repeats. */
  repeats: number | null;
}

/** How even the latent classes are. */
export interface ClassBalance {
  /** Classes that there are, and those with a pair. */
  classes: number;
  used: number;
  /** exp of the entropy of the shares: as many classes of equal size would be as even. */
  effective: number;
  /** The largest, most pairs first. */
  largest: { name: string; count: number; share: number }[];
}

/** What the dataset report holds: a function of dataset, model and parameters. */
export interface QualityReport {
  schema: 1;
  dataset: { pairs: number; embedded: number; fingerprint: string };
  model: { name: string; fingerprint: string };
  /** ε */
  nearDuplicates: number;
  findings: QualityFinding[];
  /** Captions by the Unicode script of most of their letters; null for those without letters. */
  scripts: { script: string | null; count: number }[];
  /** Median CLIP score of pairs, and of captions with images of other pairs. */
  clipScore: { median: number; chance: number };
  classes: ClassBalance & { description: string };
  /** Groups of near duplicates, and the pairs of the largest with the one that stays. */
  clusters: { count: number; largest: number };
  /** Of the file of ids beside the report. */
  idsSha256: string;
}

export interface QualityAnswer {
  report: QualityReport;
  /** Where it is kept. */
  file: string;
  /** Pairs of the finding that was asked for. */
  pairs: QualityPair[] | null;
  device: DeviceReport;
}

/** What lies in a folder or table, told before any work starts. */
export interface Inspection {
  kind: 'table' | 'folder' | 'webdataset' | 'parquet' | 'store';
  /** Rows in the dataset, unusable ones included. */
  pairs: number;
  /** Rows that cannot be used, by reason, with a few examples each. */
  skipped: SkippedRows;
  /** Where the embeddings will lie, and how many bytes they take when complete. */
  store: string;
  storeBytes: number;
  model: string;
  /** Rows of the dataset that this model has embedded already, or found unusable. */
  embedded: number;
}

export interface SkippedRows {
  total: number;
  reasons: { reason: string; count: number; examples: { id: number; where: string }[] }[];
}

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

/** F(S) and its parts; the weighted terms add up to `value`. */
export interface Objective {
  value: number;
  terms: { cross: number; self: number; label: number; inter: number; redundancy: number; balance: number };
}

/** Can the proxy tell matched from shuffled pairs of this dataset? */
export interface ProxyStrength {
  /** P(score of a matched pair > score of a shuffled one), on a seeded sample. */
  auc: number;
  sample: number;
  /** Set where the AUC is under 0.7: what that means, and what to do. */
  warning: string | null;
}

export interface SelectionReport {
  subset: string;
  /** All that were saved, the largest last, which is `subset`. */
  subsets: { budget: string; subset: string }[];
  method: string;
  pairs: number;
  picks: number;
  /** How the latent classes came about, for instance `zero-shot, 684 names of icon-clip`. */
  classes: string;
  skipped: SkippedRows;
  exactDuplicates: number;
  nearDuplicates: number;
  objective: Objective;
  proxy: ProxyStrength;
  device: DeviceReport;
  /** Seconds by stage. */
  seconds: Record<string, number>;
  warnings: string[];
  evaluation: EvaluationReport | null;
}

export interface CutReport {
  /** That was saved. */
  subset: string;
  picks: number;
  objective: Objective;
  warnings: string[];
}

export interface EvaluationReport {
  /** On which pairs linear CLIP was tried, in a sentence; null where on none. */
  note: string | null;
  measures: MeasureInfo[];
  /** The subset first, then each baseline at the same budget, then the full data. */
  columns: EvaluationColumn[];
}

export interface MeasureInfo {
  name: string;
  label: string;
  better: 'lower' | 'higher' | 'neither';
  /** One sentence: what it says, and what it does not. */
  meaning: string;
}

export interface EvaluationColumn {
  name: string;
  pairs: number;
  seeds: number;
  /** By measure; `sd` is 0 for a single seed, null where the measure does not apply. */
  values: Record<string, { mean: number; sd: number } | null>;
  /** Of sweeps: shares of the pairs over equal bins of the CLIP score, and over the largest classes with all others last. */
  shape?: { range: [from: number, to: number]; scores: number[]; classes: number[] };
}

/** The table of all methods at each budget, ascending. */
export interface SweepReport {
  budgets: { budget: string; pairs: number; report: EvaluationReport }[];
  classes: string;
  device: DeviceReport;
  seconds: Record<string, number>;
  /** Where the report was written. */
  out: string[];
}

/** Measured subsets of a dataset, by what they must have in common to be compared. */
export interface KeptEvaluations {
  groups: {
    classes: string;
    weights: Weights;
    holdout: string | null;
    /** Names of labelled sets. */
    on: string[];
    budgets: SweepReport['budgets'];
  }[];
}

/** One model on one labelled set, in the fields of CLIP_benchmark's result files and two more. */
export interface ModelScores {
  dataset: string;
  model: string;
  pretrained: string;
  task: 'zeroshot_classification' | 'zeroshot_retrieval';
  /** `acc1`, `acc5`, `mean_per_class_recall`; or `image_retrieval_recall@k` and `text_retrieval_recall@k`. In 0…1. */
  metrics: Record<string, number>;
  language: 'en';
  /** Images that were judged, and rows that could not be. */
  images: number;
  skipped: number;
}

export interface ModelEvaluation {
  results: ModelScores[];
  /** The files that were written. */
  files: string[];
  device: DeviceReport;
}

/** Why a pair was picked or left out. */
export interface Explanation {
  id: number;
  image: string | null;
  caption: string | null;
  /** `picked`, or what left it out: it could not be used, repeats an earlier pair, fell to a filter, or ranks behind. */
  outcome: 'picked' | 'unusable' | 'exact-duplicate' | 'filtered' | 'behind';
  /** The outcome in a sentence with its numbers. */
  reason: string;
  rank: number | null;
  latentClass: string | null;
  /** n_k and |S_k|. */
  classSize: number;
  classPicks: number;
  clipScore: number | null;
  /** Its marginal gain and the terms of that: when it was picked, or now, after all picks of its class. */
  gain: Objective | null;
  /** The picked pair with the most like image of its class, itself left out. */
  nearest: { id: number; rank: number; cosine: number } | null;
  /** A few pairs of its class with the most like images, by that. */
  neighbours: { picked: Neighbour[]; dropped: Neighbour[] };
}

export interface Neighbour {
  id: number;
  /** Null of one that was not picked. */
  rank: number | null;
  /** Of the two images. */
  cosine: number;
}

/** A map: a point for each row of the store, and what its points are coloured by. All columns are `.npy` files of float32. */
export interface Projection {
  by: ProjectionKind;
  rows: number;
  /** [rows, 2]: where a pair lies, NaN for one that cannot be used. */
  points: string;
  /** [rows, 2]: class, −1 for a pair that is no candidate, and CLIP score, NaN for such a pair. */
  pairs: string;
  /** [rows, 1]: rank from 0, −1 for a pair that is not picked. */
  ranks: string;
  /** Ranks in other subsets of the same dataset, by name. */
  others: { name: string; method: string; ranks: string }[];
  /** Names of the classes, by number. */
  classes: string[];
  /** PCA: the share of all variance along either axis. */
  explained: number[] | null;
  /** UMAP: how many pairs it was fitted to; the others stand between the nearest of these. */
  fitted: number | null;
}

export interface ExportReport {
  out: string;
  rows: number;
  /** Ready-to-paste training command, where the target has one. */
  command: string | null;
  warnings: string[];
}

export interface ListedModels {
  /** The hub's cache. */
  cache: string;
  models: ListedModel[];
}

export interface ListedModel {
  /** As it is given for a model; the embedded one, which is the default, is not given. */
  name: string;
  /** Null for the embedded one. */
  commit: string | null;
  /** The precisions that are there; null is the full one. */
  variants: (ModelVariant | null)[];
  bytes: number;
  folder: string;
}

/** What a pull is going to fetch, and from whom. */
export interface ModelPlan {
  /** As it is given for a model once it is there. */
  name: string;
  commit: string;
  /** Who is asked. */
  host: string;
  /** Where the model will lie. */
  folder: string;
  files: { path: string; size: number; present: boolean }[];
  bytes: number;
  /** Bytes of the files that are not in the cache. */
  missingBytes: number;
}

export interface PulledModel {
  /** As it is given for a model from now on. */
  name: string;
  /** 40 hexadecimal digits. */
  commit: string;
  /** The model folder, in the cache. */
  folder: string;
  bytes: number;
  /** Bytes that were not in the cache before. */
  downloaded: number;
}

/** One picked pair, as the Parquet file beside the document holds it. */
export interface Pick {
  id: number;
  rank: number;
  gain: number;
  latentClass: string;
  clipScore: number;
  image: string | null;
  caption: string | null;
}

/** What there is to look at of a subset's dataset. */
export interface OpenedPairs {
  /** Whether the table of all pairs is there; the picks alone where not. */
  complete: boolean;
  /** Other subsets of the same pairs in the same folder. */
  others: { name: string; method: string; picks: number }[];
}

/** How picks are spread, beside all pairs where the table of those is there. */
export interface Distributions {
  /** Numbers of pairs in bins of equal width of the CLIP score; `all` is null where only the picks are known. */
  scores: { from: number; to: number; all: number[] | null; picked: number[] };
  /** The largest classes, and all others together last, without a name; `all` as above. */
  classes: { name: string | null; all: number | null; picked: number }[];
  /** What the first picks come to, for some numbers of them up to all. */
  curve: {
    picks: number;
    gain: number;
    classes: number;
    /** Mean and lowest of their CLIP scores, and how many of them are in each bin of `scores`. */
    clipScore: number;
    lowest: number;
    scores: number[];
  }[];
  /** Subsets, this one first, and how many pairs exactly these of them picked, by their numbers. */
  overlap: { names: string[]; parts: { of: number[]; pairs: number }[] };
}

export interface PairPage {
  rows: PairRow[];
  /** Of all pairs that the filter leaves. */
  total: number;
}

/** A pair of the dataset, picked or not. */
export interface PairRow {
  id: number;
  /** Null of one that was not picked. */
  rank: number | null;
  gain: number | null;
  latentClass: string | null;
  /** self_e */
  clipScore: number | null;
  /** The other static terms, without their weights; null where they were not asked for or are not known. */
  terms: { cross: number; label: number; inter: number } | null;
  /** Why it was no candidate. */
  left: PairLeft | null;
  image: string | null;
  caption: string | null;
}
export type PairLeft = 'exact-duplicate' | 'held-out' | 'unusable';

/** A latent class; null of pairs that have none. */
export interface PairClass {
  name: string | null;
  pairs: number;
  picks: number;
}

export interface SubsetView {
  path: string;
  name: string;
  method: string;
  budget: string;
  pairs: number;
  picks: number;
  classes: string;
  objective: Objective;
  proxy: ProxyStrength;
  device: DeviceReport;
  /** Dataset folder, table or store that it was selected from: what an evaluation of it needs to be given. */
  source: string;
  /** Folder of the images, null for a subset of a bare store. */
  dataset: string | null;
  exactDuplicates: number;
  nearDuplicates: number;
  skipped: SkippedRows;
  warnings: string[];
  evaluation: EvaluationReport | null;
}

export interface Thumbnail {
  id: number;
  /** data: URI, or null with the reason where the image cannot be shown. */
  uri: string | null;
  reason?: string;
}

/** Error of a request: what happened, where, and what to do, in that order. */
export interface ErrorData {
  code: string;
  where: string | null;
  fix: string | null;
}

// --- extension host and webview ---

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

/** What a user may set in the panel's form. Files are no part of it: the host asks for those, no webview names a path. */
export type RunOptions = Fields<
  RequestParams<'select'>,
  'budget' | 'method' | 'nearDuplicates' | 'seed' | 'weights' | 'device' | 'kmeans' | 'excludeFindings'
> & { classes: ClassChoice };
/** Where latent classes come from: `auto` are the model's names, or k-means where it has none. */
export type ClassChoice = 'auto' | 'imagenet-1k' | 'file' | 'k-means';
type Fields<T, K extends keyof T> = { [P in K]: T[P] };

export type ToPanel =
  | { type: 'state'; state: PanelState }
  | { type: 'rows'; request: number; rows: PairRow[]; total: number }
  | { type: 'classes'; request: number; classes: PairClass[] }
  | { type: 'explanation'; request: number; explanation: Explanation }
  | { type: 'thumbnails'; request: number; thumbnails: Thumbnail[] }
  | { type: 'map'; request: number; map: MapView }
  | { type: 'mapColumns'; request: number; columns: string[] }
  | { type: 'distributions'; request: number; distributions: Distributions }
  | { type: 'failed'; request: number; message: string };

export type FromPanel =
  | { type: 'ready' }
  | { type: 'start'; options: RunOptions }
  | { type: 'cancel' }
  /** Ends the job so that it can be gone on with; every stage keeps what is done. */
  | { type: 'pause' }
  /** Puts the command that runs the same into the clipboard. */
  | { type: 'copyCommand'; options: RunOptions }
  | { type: 'repeat'; id: number }
  /** About findings of a dataset report: list the pairs of one, or select without those of some. */
  | { type: 'listFinding'; finding: string }
  | { type: 'selectWithout'; findings: string[] }
  /** Opens the image of a listed pair. */
  | { type: 'openImage'; id: number }
  | { type: 'rows'; request: number; offset: number; limit: number; view: PairView; terms: boolean }
  | { type: 'pairs'; request: number; ids: number[] }
  /** Answered with one row, or none where only the picks are at hand. */
  | { type: 'pairAt'; request: number; row: number }
  | { type: 'classes'; request: number; where: PairFilter }
  | { type: 'thumbnails'; request: number; ids: number[]; size: 'small' | 'large' }
  /** Another one ends the one before. */
  | { type: 'explain'; request: number; id: number }
  | { type: 'reveal'; id: number }
  /** Whether pairs are to be picked, or not to be, when it is selected again; null for neither. */
  | { type: 'mark'; ids: number[]; how: PairMark | null }
  /** Answered once the map is made, which may take minutes; `cancelMap` ends that. */
  | { type: 'map'; request: number; by: ProjectionKind }
  | { type: 'cancelMap' }
  | { type: 'distributions'; request: number }
  /** Saves the first picks as a subset of their own; the host asks for its name. */
  | { type: 'cut'; picks: number }
  | { type: 'mapColumns'; request: number; by: ProjectionKind; columns: MapColumn[]; offset: number }
  | { type: 'command'; command: PanelCommand };

/** `retry` inspects the source, or opens the subset, once more; `resume` and `discard` are about the unfinished run. */
export type PanelCommand =
  | 'chooseModel'
  | 'evaluate'
  | 'export'
  | 'openSubset'
  | 'showLog'
  | 'retry'
  | 'resume'
  | 'discard'
  | 'saveReport'
  /** About the table of all pairs, and about what was marked. */
  | 'readPairs'
  | 'stopReading'
  | 'reselect'
  | 'clearMarks';

export type PairMark = 'in' | 'out';
