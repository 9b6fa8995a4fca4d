import { z } from 'zod';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import type { AlignParams } from '../jobs/alignJob.js';
import type { CheckModelParams } from '../jobs/checkModelJob.js';
import { parsePipeline } from '../selection/pipeline.js';
import { requests, type RequestName, type ValidParams } from '../protocol/contract.js';
import { DEVICES } from '../protocol/fields.js';
import { MODEL_VARIANTS } from '../protocol/models.js';
import { weightsSchema } from '../protocol/selection.js';

/** The command line was not understood; answered with the usage and exit code 2. */
export class UsageError extends Error {}

type Options = NonNullable<ParseArgsConfig['options']>;

const SOURCE = {
  model: { type: 'string' },
  store: { type: 'string' },
  embeddings: { type: 'string' },
  device: { type: 'string' },
  memory: { type: 'string' },
  'allow-root': { type: 'string', multiple: true },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} satisfies Options;

/** A source that may be looked at for the first time. */
const DATASET = {
  ...SOURCE,
  'image-column': { type: 'string' },
  'caption-column': { type: 'string' },
} satisfies Options;

/** What picks depend on, besides method and budget. */
const CHOICE = {
  classes: { type: 'string' },
  'class-embeddings': { type: 'string' },
  kmeans: { type: 'string' },
  weights: { type: 'string' },
  seed: { type: 'string' },
  'near-duplicates': { type: 'string' },
  target: { type: 'string' },
  norm: { type: 'string' },
  early: { type: 'string' },
  holdout: { type: 'string' },
} satisfies Options;

/** What makes a selection of a source. */
const SELECT = {
  ...CHOICE,
  budget: { type: 'string' },
  method: { type: 'string' },
  include: { type: 'string' },
  exclude: { type: 'string' },
  'exclude-findings': { type: 'string' },
  'class-quota': { type: 'string' },
  evaluate: { type: 'boolean' },
  out: { type: 'string' },
} satisfies Options;

export const OPTIONS = {
  embed: DATASET,
  select: { ...DATASET, ...SELECT },
  sweep: {
    ...DATASET,
    ...CHOICE,
    budgets: { type: 'string' },
    methods: { type: 'string' },
    seeds: { type: 'string' },
    on: { type: 'string', multiple: true },
    out: { type: 'string', multiple: true },
  },
  report: {
    ...DATASET,
    classes: CHOICE.classes,
    'class-embeddings': CHOICE['class-embeddings'],
    kmeans: CHOICE.kmeans,
    seed: CHOICE.seed,
    'near-duplicates': CHOICE['near-duplicates'],
    finding: { type: 'string' },
    out: { type: 'string', multiple: true },
  },
  evaluate: { ...SOURCE, subset: { type: 'string' }, on: { type: 'string', multiple: true } },
  'evaluate-model': {
    model: { type: 'string', multiple: true },
    on: { type: 'string', multiple: true },
    out: { type: 'string' },
    store: SOURCE.store,
    device: SOURCE.device,
    'allow-root': SOURCE['allow-root'],
    json: { type: 'boolean' },
    help: SOURCE.help,
  },
  evaluations: { store: SOURCE.store, json: { type: 'boolean' }, help: SOURCE.help },
  doctor: SOURCE,
  explain: SOURCE,
  cut: { ...SOURCE, budget: SELECT.budget, out: SELECT.out },
  align: {
    out: { type: 'string' },
    rank: { type: 'string' },
    ridge: { type: 'string' },
    device: { type: 'string' },
    json: { type: 'boolean' },
    help: SOURCE.help,
  },
  export: {
    format: { type: 'string' },
    out: { type: 'string' },
    store: SOURCE.store,
    'allow-root': SOURCE['allow-root'],
    json: { type: 'boolean' },
    help: SOURCE.help,
  },
  models: {
    revision: { type: 'string' },
    variant: { type: 'string' },
    compare: { type: 'string' },
    device: { type: 'string' },
    offline: { type: 'boolean' },
    yes: { type: 'boolean', short: 'y' },
    json: { type: 'boolean' },
    help: SOURCE.help,
  },
  cuda: {
    yes: { type: 'boolean', short: 'y' },
    json: { type: 'boolean' },
    help: SOURCE.help,
  },
  serve: { help: SOURCE.help },
  cluster: {
    ...DATASET,
    ...SELECT,
    shards: { type: 'string' },
    'skip-shard': { type: 'string' },
    shard: { type: 'string' },
    stage: { type: 'string' },
    pairs: { type: 'string' },
    rate: { type: 'string' },
    partition: { type: 'string' },
    account: { type: 'string' },
    qos: { type: 'string' },
    time: { type: 'string' },
    'job-memory': { type: 'string' },
    cpus: { type: 'string' },
    gres: { type: 'string' },
    concurrent: { type: 'string' },
    retries: { type: 'string' },
    module: { type: 'string', multiple: true },
    container: { type: 'string' },
    agree: { type: 'string' },
    yes: { type: 'boolean', short: 'y' },
  },
  'cluster-task': {
    run: { type: 'string' },
    stage: { type: 'string' },
    task: { type: 'string' },
    help: SOURCE.help,
  },
} satisfies Record<string, Options>;

export type Command = keyof typeof OPTIONS;

export interface Parsed {
  command: Command;
  positional: string | undefined;
  /** What follows it: the id of `explain`, the model of `models pull` and `models check`. */
  second: string | undefined;
  values: Record<string, string | boolean | (string | boolean)[] | undefined>;
}

/** `clipcov COMMAND [PATH] [options]` */
export function parseCommand(argv: string[]): Parsed {
  const [command, ...rest] = argv;
  if (command === undefined || !(command in OPTIONS))
    throw new UsageError(`unknown command '${command ?? ''}'`);
  let parsed;
  try {
    parsed = parseArgs({
      args: rest,
      options: OPTIONS[command as Command] as Options,
      allowPositionals: true,
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  const { positionals, values } = parsed;
  const two: Partial<Record<string, string>> = {
    explain: 'a subset and an id are',
    models: 'an action and a model are',
    cluster: 'an action and a dataset are',
  };
  if (positionals.length > (command in two ? 2 : 1))
    throw new UsageError(
      `${two[command] ?? 'one path is'} expected, not ${positionals.length}: ${positionals.join(' ')}`,
    );
  const [positional, second] = positionals;
  return { command: command as Command, positional, second, values };
}

/** Request parameters out of the options, checked by the protocol's own schema. */
export function requestParams<M extends RequestName>(
  name: M,
  given: Record<string, unknown>,
): ValidParams<M> {
  const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const result = requests[name].safeParse(present);
  if (result.success) return result.data as ValidParams<M>;
  const { path, message } = result.error.issues[0]!;
  throw new UsageError(`${path.join('.') || 'arguments'}: ${message}`);
}

export function sourceParams({ positional, values }: Parsed): Record<string, unknown> {
  if (positional === undefined) throw new UsageError('a dataset or store is missing');
  return workParams(positional, values);
}

export function columnsOption(values: Parsed['values']): ValidParams<'inspect'>['columns'] {
  const [image, caption] = [values['image-column'], values['caption-column']];
  if ((image === undefined) !== (caption === undefined))
    throw new UsageError('--image-column and --caption-column go together');
  return image === undefined ? undefined : { image: String(image), caption: String(caption) };
}

/** How to work, and on what where a path is given. */
export function workParams(source: string | undefined, values: Parsed['values']): Record<string, unknown> {
  return {
    source,
    columns: columnsOption(values),
    model: values['model'],
    store: values['store'],
    embeddings: values['embeddings'],
    device: values['device'],
    memory: numberOption(values['memory']),
    approvedRoots: values['allow-root'],
  };
}

/** What selections and sweeps share: classes, weights, and what methods are given. */
function choiceParams(parsed: Parsed): Record<string, unknown> {
  const { values } = parsed;
  return {
    ...sourceParams(parsed),
    classes: values['classes'],
    classEmbeddings: values['class-embeddings'],
    kmeans: numberOption(values['kmeans']),
    weights: values['weights'] === undefined ? undefined : parseWeights(String(values['weights'])),
    seed: numberOption(values['seed']),
    nearDuplicates: numberOption(values['near-duplicates']),
    target: values['target'],
    norm: values['norm'],
    early: values['early'],
    holdout: values['holdout'],
  };
}

export function selectParams(parsed: Parsed): ValidParams<'select'> {
  const { values } = parsed;
  if (typeof values['method'] === 'string') checkMethod(values['method']);
  return requestParams('select', {
    ...choiceParams(parsed),
    budget: values['budget'] ?? missing('--budget'),
    method: values['method'],
    include: values['include'],
    exclude: values['exclude'],
    excludeFindings: listOption(values['exclude-findings']),
    classQuota: values['class-quota'],
    evaluate: values['evaluate'] ?? false,
    out: values['out'],
  });
}

export function sweepParams(parsed: Parsed): ValidParams<'sweep'> {
  const { values } = parsed;
  const methods = String(values['methods'] ?? missing('--methods'))
    .split(',')
    .map((method) => method.trim());
  for (const method of methods) checkMethod(method);
  return requestParams('sweep', {
    ...choiceParams(parsed),
    budgets: values['budgets'] ?? missing('--budgets'),
    methods,
    seeds: numberOption(values['seeds']),
    on: values['on'],
    out: values['out'],
  });
}

export function reportParams(parsed: Parsed): ValidParams<'report'> {
  const { values } = parsed;
  return requestParams('report', {
    ...sourceParams(parsed),
    classes: values['classes'],
    classEmbeddings: values['class-embeddings'],
    kmeans: numberOption(values['kmeans']),
    seed: numberOption(values['seed']),
    nearDuplicates: numberOption(values['near-duplicates']),
    finding: values['finding'],
    out: values['out'],
  });
}

/** Those of `align`, which is no request of the protocol. */
export function alignParams({ positional, values }: Parsed): AlignParams {
  if (positional === undefined) throw new UsageError('a store is missing');
  const result = alignSchema.safeParse({
    store: positional,
    out: values['out'] ?? missing('--out'),
    rank: numberOption(values['rank']),
    ridge: numberOption(values['ridge']),
    device: values['device'],
  });
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new UsageError(`${path.join('.')}: ${message}`);
}

const alignSchema = z.strictObject({
  store: z.string().min(1),
  out: z.string().min(1),
  rank: z.number().int().min(1).max(4096).default(128),
  ridge: z.number().min(0).max(10).default(1e-3),
  device: z.enum(DEVICES).default('auto'),
});

/** Those of `models check`, which is no request either. */
export function checkModelParams({ second, values }: Parsed): CheckModelParams {
  if (second === undefined) throw new UsageError('models check: a model is missing');
  const { device, compare } = values;
  const result = checkModelSchema.safeParse({ model: second, device, compare });
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new UsageError(`${path.join('.')}: ${message}`);
}

const checkModelSchema = z.strictObject({
  model: z.string().min(1),
  device: z.enum(DEVICES).default('auto'),
  compare: z.enum(MODEL_VARIANTS).optional(),
});

function checkMethod(method: string): void {
  try {
    parsePipeline(method);
  } catch (error) {
    throw new UsageError(`--method: ${(error as Error).message}`);
  }
}

/** `redundancy=1,balance=0` */
function parseWeights(text: string): Record<string, number> {
  const known = Object.keys(weightsSchema.shape);
  const weights: Record<string, number> = {};
  for (const part of text.split(',').filter((piece) => piece.trim() !== '')) {
    const [name = '', value = ''] = part.split('=').map((piece) => piece.trim());
    if (!known.includes(name)) throw new UsageError(`--weights: '${name}' is none of ${known.join(', ')}`);
    if (value === '' || !Number.isFinite(Number(value)))
      throw new UsageError(`--weights: '${part.trim()}' has no number after ${name}=`);
    weights[name] = Number(value);
  }
  return weights;
}

/** `blank,tiny` */
function listOption(value: Parsed['values'][string]): string[] | undefined {
  if (value === undefined) return undefined;
  return String(value)
    .split(',')
    .map((name) => name.trim());
}

/** NaN stays NaN: the schema then names the option that is no number. */
export function numberOption(value: Parsed['values'][string]): number | undefined {
  if (value === undefined) return undefined;
  return String(value).trim() === '' ? NaN : Number(value);
}

export function missing(option: string): never {
  throw new UsageError(`${option} is missing`);
}
