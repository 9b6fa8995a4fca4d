import { basename, extname, resolve } from 'node:path';
import type { JobContext } from '../context.js';
import { writeAside } from '../embeddings/aside.js';
import type { Evaluated } from '../evaluation/evaluated.js';
import { ClipcovError } from '../errors.js';
import { evaluateSubsets } from '../evaluation/evaluateSubset.js';
import type { RowPool } from '../parallel/rowPool.js';
import type { ValidParams } from '../protocol/contract.js';
import type { SweepReport } from '../protocol/evaluation.js';
import { sweepCsv, sweepHtml, sweepMarkdown, type Settings } from '../report/sweepReport.js';
import { budgetsOf } from '../selection/budget.js';
import { parsePipeline } from '../selection/pipeline.js';
import { choose } from './choose.js';
import { classRecord } from './classSource.js';
import { heldOutNote, openEvaluation } from './evaluationContext.js';
import { closeSets, embedSetsLike, openLabelledSets, type EmbeddedSet } from './labelledSets.js';
import { ALL_PAIRS, KeptMeasures } from './keptMeasures.js';
import { openGround } from './openGround.js';
import { ProgressReporter } from './progress.js';
import { sweepBudgets } from './sweepBudgets.js';
import { Stopwatch } from './stopwatch.js';
import { openWorkspace } from './workspace.js';

/** Methods whose picks depend on the seed; of any other one run says all. */
const SEEDED = /\b(random|skmm|neg-clip-loss|c-rho)\b/;

/**
 * Every method at every budget, over several seeds where they matter, measured beside the full data. Embeddings, classes
 * and sums are shared, budgets are prefixes of one order, the rows are read once for all measures. Picks and measures are
 * kept: a sweep that was stopped goes on where it was, and one with a further method measures that alone.
 */
export async function sweepJob(params: ValidParams<'sweep'>, context: JobContext): Promise<SweepReport> {
  budgetsOf(params.budgets, Number.MAX_SAFE_INTEGER);
  for (const method of params.methods) parsePipeline(method);
  for (const file of params.out)
    if (!(extname(file).toLowerCase() in FORMATS))
      throw new ClipcovError('report-format', 'A report is written as HTML, Markdown, CSV or JSON.', {
        where: file,
        fix: `Give the file one of the extensions ${Object.keys(FORMATS).join(', ')}.`,
      });
  const sets = await openLabelledSets(params.on, context);
  let embedded: EmbeddedSet[] = [];
  const workspace = await openWorkspace(params, context);
  const progress = new ProgressReporter(context);
  const stopwatch = new Stopwatch();
  let pool: RowPool | undefined;
  try {
    const opening = { ...params, memory: params.memory * 2 ** 30 };
    const { ground, store, classSource } = await openGround(opening, workspace, context, progress, stopwatch);
    pool = ground.pool;
    // Selections and measures go over the rows again and again.
    await stopwatch.time('read', () => ground.pool.hold(ground.memory / 2));
    embedded = await stopwatch.time('embed', () => embedSetsLike(store, sets, params, context, progress));
    const budgets = budgetsOf(params.budgets, ground.valid);
    const largest = budgets.at(-1)!;
    const runs = params.methods.flatMap((method) =>
      Array.from({ length: SEEDED.test(method) ? params.seeds : 1 }, (_, seed) => ({ method, seed })),
    );
    const evaluation = await openEvaluation(
      ground,
      params.weights,
      workspace,
      context,
      embedded.map(({ task }) => task),
    );
    const classes = classRecord(
      classSource,
      ground.classes,
      store.plan?.model.name ?? 'the model',
      store.folder,
    );
    const kept = new KeptMeasures(
      workspace.home,
      [
        ground.fingerprint,
        classes,
        ground.names,
        [...ground.prepared.context.sums.counts],
        [...ground.heldOut],
        embedded.map(({ content }) => content),
        [params.target, params.norm, params.early, params.nearDuplicates],
      ],
      {
        classes: classes.description,
        // The last digits of sums depend on what is added first: prefixes are measured together or not at all.
        budgets,
        weights: params.weights,
        holdout: params.holdout === undefined ? null : basename(params.holdout),
        on: sets.map(({ name }) => name),
        note: heldOutNote(evaluation.heldOut.length, ground.heldOut.length > 0),
      },
    );
    const measured = new Map<string, { measures: Evaluated[]; full: Evaluated }>();
    const pending: Pending[] = [];
    for (const { method, seed } of runs) {
      const key = keyOf(method, seed);
      const known = kept.read(method, seed);
      if (known) {
        measured.set(key, known);
        continue;
      }
      let rows = kept.readOrder(method, seed, ground.table.rows);
      if (!rows) {
        const choice = await stopwatch.time('select', () =>
          choose({ ...params, method, seed }, largest.pairs, { ground, store, workspace, context, progress }),
        );
        rows = choice.order.rows;
        await kept.writeOrder(method, seed, rows, workspace);
      }
      pending.push({ method, seed, rows, sizes: budgets.map(({ pairs }) => Math.min(pairs, rows!.length)) });
    }
    const batches = batchesOf(pending, ground.table.dim);
    if (batches.length) progress.begin('evaluate', 'subsets');
    const total = (pending.length + batches.length) * budgets.length;
    let before = 0;
    for (const batch of batches) {
      const { full, found } = await stopwatch.time('evaluate', () =>
        evaluateSubsets(batch, evaluation, (done) => progress.update(Math.min(total, before + done), total)),
      );
      before += batch.length * budgets.length;
      const own = batch.map(({ method, seed }, i) => ({ method, seed, measures: found[i]! }));
      for (const { method, seed, measures } of own) measured.set(keyOf(method, seed), { measures, full });
      await kept.write({ runs: own, full }, workspace);
    }
    const all = runs.map((run) => ({ ...run, ...measured.get(keyOf(run.method, run.seed))! }));
    const whole = { method: ALL_PAIRS, seed: 0, measures: [all[0]!.full] };
    const report: SweepReport = {
      budgets: sweepBudgets(kept.settings, [...all, whole]),
      classes: classes.description,
      device: (await workspace.device()).report,
      seconds: stopwatch.seconds,
      out: params.out.map((file) => resolve(file)),
    };
    for (const file of report.out) await writeReport(file, report, params);
    return report;
  } finally {
    await closeSets(embedded);
    await pool?.close();
    await workspace.release();
  }
}

/** Picks whose prefixes are to be measured. */
interface Pending {
  method: string;
  seed: number;
  rows: Int32Array;
  sizes: number[];
}

const keyOf = (method: string, seed: number): string => JSON.stringify([method, seed]);

/** What the matrices of subsets that are measured together may take. */
const MATRIX_BYTES = 2 ** 29;

/**
 * What is measured together, from the first on: a sweep that goes on after a kill measures the same runs together as one that was
 * not killed.
 */
function batchesOf(pending: Pending[], dim: number): Pending[][] {
  const batches: Pending[][] = [];
  let taken = 0;
  for (const one of pending) {
    // Of each prefix the sums of its rows, and of those it has more than the one before.
    const bytes = 2 * 8 * dim * dim * one.sizes.length;
    if (taken === 0 || taken + bytes > MATRIX_BYTES) {
      batches.push([]);
      taken = 0;
    }
    batches.at(-1)!.push(one);
    taken += bytes;
  }
  return batches;
}

/** Reports hold no time, host or absolute path: they are a function of data and settings. */
const FORMATS: Record<string, (report: SweepReport, title: string, settings: Settings) => string> = {
  '.html': sweepHtml,
  '.md': sweepMarkdown,
  '.csv': sweepCsv,
  '.json': ({ budgets, classes }) => `${JSON.stringify({ schema: 1, classes, budgets }, null, 2)}\n`,
};

async function writeReport(file: string, report: SweepReport, params: ValidParams<'sweep'>): Promise<void> {
  const settings: Settings = [
    ['Dataset', basename(resolve(params.source))],
    ['Latent classes', report.classes],
    ['Methods', params.methods.join(', ')],
    ['Budgets', params.budgets],
    ['Seeds', String(params.seeds)],
    [
      'Weights',
      Object.entries(params.weights)
        .map(([name, value]) => `${name}=${value}`)
        .join(', '),
    ],
    [
      'Labelled sets',
      params.on.length ? params.on.map((path) => basename(resolve(path))).join(', ') : 'none',
    ],
    ['Held out', params.holdout === undefined ? 'none' : basename(params.holdout)],
    ['Device', report.device.used.replace(/ \(.*/, '')],
  ];
  const write = FORMATS[extname(file).toLowerCase()]!;
  await writeAside(file, write(report, `Subsets of ${basename(resolve(params.source))}`, settings));
}
