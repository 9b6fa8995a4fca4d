import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Database, PARQUET } from '../dataset/database.js';
import { writeAside } from '../embeddings/aside.js';
import { ClipcovError } from '../errors.js';
import { refuseNewer } from '../formatVersion.js';
import type { QualityReport } from '../protocol/quality.js';

const FOLDER = 'quality';
/** `finding, id, row, repeats`: the pairs of each finding; `row` is null for a pair that was not embedded. */
const IDS = 'findings.parquet';

export function reportFile(home: string): string {
  return join(home, FOLDER, 'report.quality.json');
}

export function idsFile(home: string): string {
  return join(home, FOLDER, IDS);
}

/** Where image facts of the parts are kept, by content. A cache, no part of the result. */
export function factsFile(home: string, part: number): string {
  return join(home, FOLDER, 'images', `${part}.parquet`);
}

/** Keeps a report; its file of ids was written before. */
export async function keepReport(home: string, report: QualityReport): Promise<void> {
  await writeAside(reportFile(home), `${JSON.stringify(report, null, 2)}\n`);
}

export async function sha256OfIds(home: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(idsFile(home)))
    .digest('hex');
}

/** What of a kept report its use depends on. */
const keptSchema = z.object({
  schema: z.literal(1),
  dataset: z.object({ fingerprint: z.string() }),
  findings: z.array(z.object({ id: z.string() })),
  idsSha256: z.string(),
});

/** Rows of the store that some findings of the kept report name; refused where the report is not of these embeddings. */
export async function rowsOfFindings(
  home: string,
  findings: string[],
  fingerprint: string,
): Promise<Int32Array> {
  const file = reportFile(home);
  const fix = "Run 'clipcov report' on the dataset, then select again.";
  if (!existsSync(file))
    throw new ClipcovError('report-missing', 'The dataset has no report whose findings could be excluded.', {
      where: file,
      fix,
    });
  let kept: z.output<typeof keptSchema>;
  try {
    const report: unknown = JSON.parse(await readFile(file, 'utf8'));
    refuseNewer(report, {
      known: 1,
      what: 'The dataset report',
      where: file,
      otherwise: 'make the report again.',
    });
    kept = keptSchema.parse(report);
    if (kept.idsSha256 !== (await sha256OfIds(home))) throw new Error('its ids are of another report');
  } catch (cause) {
    if (cause instanceof ClipcovError) throw cause;
    throw new ClipcovError('report-unreadable', 'The dataset report is not complete.', {
      where: file,
      fix,
      cause,
    });
  }
  if (kept.dataset.fingerprint !== fingerprint)
    throw new ClipcovError('report-stale', 'The dataset report is of other embeddings than these.', {
      where: file,
      fix,
    });
  const known = kept.findings.map(({ id }) => id);
  const unknown = findings.find((id) => !known.includes(id));
  if (unknown !== undefined)
    throw new ClipcovError('finding-unknown', `The report has no finding '${unknown}'.`, {
      where: file,
      fix: `It has ${known.join(', ')}.`,
    });
  const database = await Database.open();
  try {
    const rows = await database.all<{ row: number }>(
      `SELECT DISTINCT row FROM ${PARQUET} WHERE row IS NOT NULL
         AND finding IN (SELECT unnest(string_split($2, ','))) ORDER BY row`,
      [idsFile(home), findings.join(',')],
    );
    return Int32Array.from(rows, ({ row }) => row);
  } finally {
    database.close();
  }
}
