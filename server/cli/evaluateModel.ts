import { evaluateModelJob } from '../jobs/evaluateModelJob.js';
import type { ModelEvaluation, ModelScores } from '../protocol/evaluation.js';
import { requestParams, UsageError, type Parsed } from './arguments.js';
import { print, terminalContext } from './terminal.js';

/** `clipcov evaluate-model --model A --model B --on SET`: models side by side on labelled sets. */
export async function evaluateModelCommand(parsed: Parsed): Promise<void> {
  const { values, positional } = parsed;
  if (positional !== undefined) throw new UsageError('name models with --model and labelled sets with --on');
  const params = requestParams('evaluateModel', {
    models: values['model'],
    sets: values['on'],
    out: values['out'],
    store: values['store'],
    device: values['device'],
    approvedRoots: values['allow-root'],
  });
  const found = await evaluateModelJob(params, terminalContext());
  print(parsed, found, () => scoresTable(found));
}

/** Sets and metrics down, models across; the mean over the sets of each metric below. */
export function scoresTable({ results, files, device }: ModelEvaluation): string {
  const models = [...new Set(results.map(nameOf))];
  const sets = [...new Set(results.map(({ dataset }) => dataset))];
  const at = (dataset: string, model: string): ModelScores | undefined =>
    results.find((one) => one.dataset === dataset && nameOf(one) === model);
  const lines: string[][] = [['', '', ...models]];
  const metrics = [...new Set(results.flatMap((one) => Object.keys(one.metrics)))];
  for (const dataset of sets)
    for (const metric of metrics) {
      const values = models.map((model) => at(dataset, model)?.metrics[metric]);
      if (values.some((value) => value !== undefined)) lines.push([dataset, metric, ...values.map(shown)]);
    }
  if (sets.length > 1)
    for (const metric of metrics) {
      const means = models.map((model) => {
        const known = sets
          .map((dataset) => at(dataset, model)?.metrics[metric])
          .filter((value) => value !== undefined);
        return known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : undefined;
      });
      lines.push(['mean', metric, ...means.map(shown)]);
    }
  const widths = lines[0]!.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  const counts = sets.map((dataset) => {
    const one = at(dataset, models[0]!)!;
    return `${dataset}: ${one.images} images${one.skipped ? `, ${one.skipped} rows skipped` : ''}`;
  });
  return [
    ...lines.map((line) =>
      line.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '),
    ),
    '',
    ...counts,
    `device   ${device.used}`,
    ...files.map((file) => `written  ${file}`),
    '',
  ].join('\n');
}

/** Two versions of a model may share its name. */
function nameOf({ model, pretrained }: ModelScores): string {
  return `${model} ${pretrained.slice(0, 6)}`;
}

function shown(value: number | undefined): string {
  return value === undefined ? '' : value.toFixed(4);
}
