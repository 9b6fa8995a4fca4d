import { resolve } from 'node:path';
import { reportJob } from '../jobs/reportJob.js';
import { byDimension, exampleText, figures, percent } from '../report/qualityReport.js';
import type { QualityAnswer } from '../protocol/quality.js';
import { reportParams, type Parsed } from './arguments.js';
import { print, terminalContext } from './terminal.js';

/** `clipcov report DATASET`: what may be wrong with its pairs; with `--finding` the pairs of one check. */
export async function reportCommand(parsed: Parsed): Promise<void> {
  const params = reportParams(parsed);
  const answer = await reportJob(
    { ...params, out: params.out.map((file) => resolve(file)) },
    terminalContext(),
  );
  print(parsed, answer, () => (answer.pairs ? pairLines(answer.pairs) : findingsTable(answer, params.out)));
}

function findingsTable({ report, file }: QualityAnswer, written: string[]): string {
  const width = Math.max(...report.findings.map(({ id }) => id.length));
  const digits = Math.max(...report.findings.map(({ count }) => String(count).length));
  return [
    ...byDimension(report).flatMap(([name, findings]) => [
      name,
      ...findings.map(({ id, count, share, examples }) =>
        `  ${id.padEnd(width)}  ${String(count).padStart(digits)}  ${percent(share).padStart(7)}  ${
          examples[0] ? visible(exampleText(examples[0])) : ''
        }`.trimEnd(),
      ),
    ]),
    '',
    ...figures(report).map(([name, value]) => `${name.padEnd(16)} ${visible(value)}`),
    '',
    ...[file, ...written].map((one) => `written  ${one}`),
    '',
  ].join('\n');
}

/** One pair a line: id, image, caption or reason, and of a near duplicate the pair it repeats, between tabs. */
function pairLines(pairs: NonNullable<QualityAnswer['pairs']>): string {
  return pairs
    .map(({ id, image, caption, reason, repeats }) =>
      [id, image ?? '', reason ?? caption ?? '', ...(repeats === null ? [] : [repeats])]
        .map((cell) => visible(String(cell)))
        .join('\t'),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/** A caption is anybody's: it must not move the cursor or turn the text around. */
function visible(text: string): string {
  return text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
}
