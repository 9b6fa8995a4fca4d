import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { basename, extname, join, resolve } from 'node:path';
import type { JobContext } from '../context.js';
import { writeAside } from '../embeddings/aside.js';
import type { Evaluated } from '../evaluation/evaluated.js';
import { ClipcovError } from '../errors.js';
import { evaluateSubset } from '../evaluation/evaluateSubset.js';
import { evaluationReport } from '../evaluation/measures.js';
import type { RowPool } from '../parallel/rowPool.js';
import type { SweepReport, ValidParams } from '../protocol/contract.js';
import { sweepCsv, sweepHtml, sweepMarkdown, type Settings } from '../report/sweepReport.js';
import { budgetsOf } from '../selection/budget.js';
import { parsePipeline } from '../selection/pipeline.js';
import { choose } from './choose.js';
import { classRecord } from './classSource.js';
import { heldOutNote, openEvaluation } from './evaluationContext.js';
import { openGround } from './openGround.js';
import { ProgressReporter } from './progress.js';
import { Stopwatch } from './stopwatch.js';
import { openWorkspace } from './workspace.js';

/** Methods whose picks depend on the seed; of any other one run says all. */
const SEEDED = /\b(random|skmm|neg-clip-loss|c-rho)\b/;
/** Changes when a measure does: what was kept before is then measured again. */
const MEASURES = 2;

/**
 * Every method at every budget, over several seeds where they matter, measured beside the full data. Embeddings, classes
 * and sums are shared, budgets are prefixes of one order, and each measured subset is kept: a sweep that was stopped goes on
 * where it was, and one with a further method measures that alone.
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
  const workspace = await openWorkspace(params, context);
  const progress = new ProgressReporter(context);
  const stopwatch = new Stopwatch();
  let pool: RowPool | undefined;
  try {
    const opening = { ...params, memory: params.memory * 2 ** 30 };
    const { ground, store, classSource } = await openGround(opening, workspace, context, progress, stopwatch);
    pool = ground.pool;
    const budgets = budgetsOf(params.budgets, ground.valid);
    const largest = budgets.at(-1)!;
    const runs = params.methods.flatMap((method) =>
      Array.from({ length: SEEDED.test(method) ? params.seeds : 1 }, (_, seed) => ({ method, seed })),
    );
    const kept = new KeptMeasures(workspace.home, [
      ground.fingerprint,
      classRecord(classSource, ground.classes, store.plan?.model.name ?? '', store.folder),
      ground.names,
      [...ground.prepared.context.sums.counts],
      [...ground.heldOut],
      params.weights,
      [params.target, params.norm, params.early, params.nearDuplicates, params.holdout],
    ]);
    const evaluation = await stopwatch.time('evaluate', () =>
      openEvaluation(ground, params.weights, workspace, context),
    );
    const measured = new Map<string, Evaluated>();
    const keyOf = (method: string, seed: number, pairs: number): string =>
      JSON.stringify([method, seed, pairs]);
    let done = 0;
    for (const { method, seed } of runs) {
      const missing = budgets.filter(({ pairs }) => {
        const known = kept.read(keyOf(method, seed, pairs));
        if (known) measured.set(keyOf(method, seed, pairs), known);
        return known === null;
      });
      if (missing.length) {
        const choice = await stopwatch.time('select', () =>
          choose({ ...params, method, seed }, largest.pairs, { ground, store, workspace, context, progress }),
        );
        progress.begin('evaluate', 'subsets');
        for (const { pairs } of missing) {
          const rows = choice.order.rows.subarray(0, pairs);
          const found = await stopwatch.time('evaluate', () => evaluateSubset(rows, evaluation));
          measured.set(keyOf(method, seed, pairs), found);
          await kept.write(keyOf(method, seed, pairs), found, workspace);
          progress.update(done + 1, runs.length);
        }
      }
      progress.update(++done, runs.length);
    }
    const full = await stopwatch.time('evaluate', () => evaluateSubset(evaluation.all, evaluation));
    const note = heldOutNote(evaluation.heldOut.length, ground.heldOut.length > 0);
    const report: SweepReport = {
      budgets: budgets.map(({ text, pairs }) => ({
        budget: text,
        pairs,
        report: evaluationReport(
          [
            ...params.methods.map((name) => ({
              name,
              runs: runs
                .filter(({ method }) => method === name)
                .map(({ seed }) => measured.get(keyOf(name, seed, pairs))!),
            })),
            { name: 'all pairs', runs: [full] },
          ],
          note,
        ),
      })),
      classes: classRecord(classSource, ground.classes, store.plan?.model.name ?? 'the model', store.folder)
        .description,
      device: (await workspace.device()).report,
      seconds: stopwatch.seconds,
      out: params.out.map((file) => resolve(file)),
    };
    for (const file of report.out) await writeReport(file, report, params);
    return report;
  } finally {
    await pool?.close();
    await workspace.release();
  }
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
    ['Held out', params.holdout === undefined ? 'none' : basename(params.holdout)],
    ['Device', report.device.used.replace(/ \(.*/, '')],
  ];
  const write = FORMATS[extname(file).toLowerCase()]!;
  await writeAside(file, write(report, `Subsets of ${basename(resolve(params.source))}`, settings));
}

/** Measured subsets of a ground set on disk, a small file each. A cache: what cannot be read is measured again. */
class KeptMeasures {
  private readonly folder: string;
  private readonly ground: string;

  constructor(home: string, ground: unknown[]) {
    this.folder = join(home, 'measured');
    this.ground = JSON.stringify([MEASURES, ...ground]);
  }

  read(key: string): Evaluated | null {
    const file = this.file(key);
    if (!existsSync(file)) return null;
    try {
      return JSON.parse(readFileSync(file, 'utf8')) as Evaluated;
    } catch {
      return null;
    }
  }

  async write(key: string, found: Evaluated, workspace: { makeHome(): Promise<void> }): Promise<void> {
    try {
      await workspace.makeHome();
      await writeAside(this.file(key), JSON.stringify(found));
    } catch {
      // A store that cannot be written to is measured again next time.
    }
  }

  private file(key: string): string {
    const hash = createHash('sha256').update(this.ground).update(key).digest('hex').slice(0, 32);
    return join(this.folder, `${hash}.json`);
  }
}
