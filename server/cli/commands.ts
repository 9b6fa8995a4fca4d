import { dirname, resolve } from 'node:path';
import { readSubset } from '../export/subsetDocument.js';
import { alignJob } from '../jobs/alignJob.js';
import { cutJob } from '../jobs/cutJob.js';
import { storeSummary } from '../jobs/embedJob.js';
import { evaluateJob } from '../jobs/evaluateJob.js';
import { evaluationsJob } from '../jobs/evaluationsJob.js';
import { explainJob } from '../jobs/explainJob.js';
import { exportJob } from '../jobs/exportJob.js';
import { select } from '../jobs/selectJob.js';
import { sweepJob } from '../jobs/sweepJob.js';
import {
  alignParams,
  missing,
  requestParams,
  selectParams,
  sourceParams,
  sweepParams,
  UsageError,
  type Command,
  type Parsed,
} from './arguments.js';
import { clusterCommand, clusterTaskCommand } from './cluster.js';
import { cudaCommand } from './cuda.js';
import { doctorCommand } from './doctor.js';
import { evaluateModelCommand } from './evaluateModel.js';
import { modelsCommand } from './models.js';
import { reportCommand } from './report.js';
import {
  describeExplanation,
  describeRefused,
  describeSelection,
  describeSkipped,
  evaluationTable,
  keptTables,
  print,
  sweepTables,
  terminalContext,
} from './terminal.js';

/** The commands that do work; each prints a text for a person, or one JSON object. */
export const commands: Record<Exclude<Command, 'serve'>, (parsed: Parsed) => Promise<void>> = {
  async embed(parsed) {
    const summary = await storeSummary(requestParams('inspect', sourceParams(parsed)), terminalContext());
    print(parsed, summary, () =>
      [
        `${summary.embedded} of ${summary.pairs} pairs embedded on ${summary.device.used}`,
        ...describeRefused(summary.device),
        `${summary.imagesEncoded} images and ${summary.captionsEncoded} captions were encoded now`,
        ...describeSkipped(summary.skipped),
        ...summary.warnings.map((warning) => `warning  ${warning}`),
        `store    ${summary.store}\n`,
      ].join('\n'),
    );
  },
  async select(parsed) {
    const { report, order } = await select(selectParams(parsed), terminalContext());
    const json = { ...report, picks: Array.from(order.rows), ids: order.ids, gains: Array.from(order.gains) };
    print(parsed, { ...json, device: report.device.used, deviceReport: report.device }, () =>
      describeSelection(report),
    );
  },
  async evaluate(parsed) {
    const subset = parsed.values['subset'] ?? missing('--subset');
    const params = requestParams('evaluate', { ...sourceParams(parsed), subset, on: parsed.values['on'] });
    const report = await evaluateJob(params, terminalContext());
    print(parsed, report, () => `${evaluationTable(report)}\n`);
  },
  async sweep(parsed) {
    const found = await sweepJob(sweepParams(parsed), terminalContext());
    print(parsed, found, () => sweepTables(found));
  },
  async evaluations(parsed) {
    const { positional, values } = parsed;
    if (positional === undefined) throw new UsageError('a dataset is missing');
    const params = requestParams('evaluations', { source: resolve(positional), store: values['store'] });
    const found = await evaluationsJob(params, terminalContext());
    print(parsed, found, () => keptTables(found));
  },
  'evaluate-model': evaluateModelCommand,
  async explain(parsed) {
    const { positional, second } = parsed;
    if (positional === undefined || second === undefined)
      throw new UsageError('a subset and an id are missing');
    const subset = resolve(positional);
    const source = resolve(dirname(subset), (await readSubset(subset)).source);
    const id = /^\d+$/.test(second) ? Number(second) : NaN;
    const given = { ...sourceParams({ ...parsed, positional: source }), subset, id };
    const explanation = await explainJob(requestParams('explain', given), terminalContext());
    print(parsed, explanation, () => describeExplanation(explanation));
  },
  async cut(parsed) {
    const { positional, values } = parsed;
    if (positional === undefined) throw new UsageError('a subset is missing');
    const subset = resolve(positional);
    const [budget, out] = [values['budget'] ?? missing('--budget'), values['out'] ?? missing('--out')];
    const source = resolve(dirname(subset), (await readSubset(subset)).source);
    const given = { ...sourceParams({ ...parsed, positional: source }), subset, budget, out };
    const report = await cutJob(requestParams('cut', given), terminalContext());
    print(parsed, report, () =>
      [
        `the first ${report.picks} picks, F = ${report.objective.value.toFixed(4)}`,
        ...report.warnings.map((warning) => `warning  ${warning}`),
        `subset   ${report.subset}\n`,
      ].join('\n'),
    );
  },
  models: modelsCommand,
  doctor: doctorCommand,
  report: reportCommand,
  cluster: clusterCommand,
  'cluster-task': clusterTaskCommand,
  cuda: cudaCommand,
  async align(parsed) {
    const found = await alignJob(alignParams(parsed), terminalContext());
    const [first = 0, last = 0] = [found.correlations[0], found.correlations.at(-1)];
    print(parsed, found, () =>
      [
        `${found.rows} rows aligned in ${found.correlations.length} canonical directions, ` +
          `correlations ${first.toFixed(3)} to ${last.toFixed(3)}`,
        `store    ${found.out}\n`,
      ].join('\n'),
    );
  },
  async export(parsed) {
    const { positional, values } = parsed;
    if (positional === undefined) throw new UsageError('a subset is missing');
    const format = values['format'] ?? missing('--format');
    const out = values['out'] ?? missing('--out');
    const { store, 'allow-root': approvedRoots } = values;
    const params = requestParams('export', { subset: positional, format, out, store, approvedRoots });
    const report = await exportJob(params, terminalContext());
    print(parsed, report, () =>
      [
        `${report.rows} picks written to ${report.out}`,
        ...report.warnings.map((warning) => `warning  ${warning}`),
        ...(report.command ? ['train with', `  ${report.command}`] : []),
        '',
      ].join('\n'),
    );
  },
};
