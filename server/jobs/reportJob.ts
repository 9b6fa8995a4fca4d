import { extname } from 'node:path';
import { imageRoots } from '../dataset/roots.js';
import { Database, sqlString } from '../dataset/database.js';
import { produceAside, writeAside } from '../embeddings/aside.js';
import { tokenCounter } from '../embeddings/encoder.js';
import type { EmbeddingStore } from '../embeddings/store.js';
import { throwIfCancelled, type JobContext } from '../context.js';
import { ClipcovError } from '../errors.js';
import type { ValidParams } from '../protocol/contract.js';
import type { QualityAnswer, QualityFinding, QualityReport } from '../protocol/quality.js';
import { chanceScore, median } from '../quality/chance.js';
import { checks } from '../quality/checks.js';
import { classBalance } from '../quality/classBalance.js';
import { duplicateHeads } from '../quality/clusters.js';
import type { EmbeddingFacts } from '../quality/finding.js';
import { IdSet } from '../quality/idSet.js';
import { scriptOf } from '../quality/script.js';
import { qualityCsv, qualityHtml, qualityMarkdown } from '../report/qualityReport.js';
import { clipScores } from '../selection/clipScores.js';
import { nearDuplicates } from '../selection/nearDuplicates.js';
import { classRecord } from './classSource.js';
import type { GroundSet } from './groundSet.js';
import { pairsOf, withPictures } from './findingPairs.js';
import { lookAtPart } from './imageFacts.js';
import { factsFile, idsFile, keepReport, reportFile, sha256OfIds } from './keptReport.js';
import { openGround, type OpenedGround } from './openGround.js';
import { breathe, ProgressReporter } from './progress.js';
import { embeddingSkips } from './skipped.js';
import { Stopwatch } from './stopwatch.js';
import { openWorkspace, type Workspace } from './workspace.js';

const EXAMPLES = 5;
const BREATH_MS = 50;

const FORMATS: Record<string, (report: QualityReport) => string> = {
  '.html': qualityHtml,
  '.md': qualityMarkdown,
  '.csv': qualityCsv,
  '.json': (report) => `${JSON.stringify(report, null, 2)}\n`,
};

/** What a report gathers on its way. */
interface Gathered {
  params: ValidParams<'report'>;
  workspace: Workspace;
  store: EmbeddingStore;
  ground: GroundSet;
  progress: ProgressReporter;
  checkpoint: () => Promise<void>;
  /** `contents(id, image, caption, script)` and `reasons(id, reason, place)`. */
  database: Database;
  /** The pair of each row. */
  ids: Float64Array;
  found: Map<string, IdSet>;
}

/**
 * Every check on every pair of a dataset, before any selection. Embeds what is not embedded, goes over the parts of the store
 * one by one, and keeps the report and its pairs in the dataset's folder.
 */
export async function reportJob(params: ValidParams<'report'>, context: JobContext): Promise<QualityAnswer> {
  refuseParams(params);
  const workspace = await openWorkspace(params, context);
  const progress = new ProgressReporter(context);
  let opened: OpenedGround | undefined;
  let database: Database | undefined;
  try {
    if (workspace.source.kind === 'store')
      throw new ClipcovError('report-needs-dataset', 'A bare store has no images to look at.', {
        where: workspace.source.root,
        fix: 'Give the dataset that the embeddings were made from.',
      });
    const opening = { ...params, memory: params.memory * 2 ** 30 };
    opened = await openGround(opening, workspace, context, progress, new Stopwatch());
    const { store, ground } = opened;
    database = await Database.open();
    let last = performance.now();
    const gathered: Gathered = {
      ...{ params, workspace, store, ground, progress, database },
      async checkpoint() {
        throwIfCancelled(context);
        if (performance.now() - last < BREATH_MS) return;
        await breathe();
        last = performance.now();
      },
      ids: new Float64Array(store.rows),
      found: new Map(checks.map(({ id }) => [id, new IdSet(store.plan!.pairs)])),
    };
    await lookAtSkips(gathered);
    await lookAtPairs(gathered);
    await lookAtContents(gathered, context);
    const { facts, heads } = await lookAtEmbeddings(gathered);
    throwIfCancelled(context);
    const report = await describe(gathered, opened, facts, heads);
    await keepReport(workspace.home, report);
    for (const file of params.out) await writeAside(file, FORMATS[extname(file).toLowerCase()]!(report));
    return {
      report,
      file: reportFile(workspace.home),
      pairs:
        params.finding === undefined
          ? null
          : await withPictures(
              await pairsOf(params.finding, Number.MAX_SAFE_INTEGER, gathered),
              params.pictures,
              await imageRoots(workspace.source.root, params.approvedRoots),
              gathered.checkpoint,
            ),
      device: (await workspace.device()).report,
    };
  } finally {
    database?.close();
    await opened?.ground.pool.close();
    await workspace.release();
  }
}

/** Before any work. */
function refuseParams({ out, finding }: ValidParams<'report'>): void {
  for (const file of out)
    if (!(extname(file).toLowerCase() in FORMATS))
      throw new ClipcovError('report-format', 'A report is written as HTML, Markdown, CSV or JSON.', {
        where: file,
        fix: `Give the file one of the extensions ${Object.keys(FORMATS).join(', ')}.`,
      });
  if (finding !== undefined && !checks.some(({ id }) => id === finding))
    throw new ClipcovError('finding-unknown', `There is no finding '${finding}'.`, {
      fix: `Give one of ${checks.map(({ id }) => id).join(', ')}.`,
    });
}

async function lookAtSkips({ store, database, found }: Gathered): Promise<void> {
  const skipped = embeddingSkips(store);
  await database.run('CREATE TABLE reasons(id BIGINT, reason VARCHAR, place VARCHAR)');
  await database.append(
    'reasons',
    ['BIGINT', 'VARCHAR', 'VARCHAR'],
    skipped.map(({ id, reason, where }) => [id, reason, where]),
  );
  for (const check of checks)
    if ('skipped' in check)
      for (const { id, reason } of skipped) if (check.skipped(reason)) found.get(check.id)!.add(id);
}

/** One part after the other: images by what is known of them or by a look, captions as they are. */
async function lookAtPairs(gathered: Gathered): Promise<void> {
  const { store, workspace, params, progress, checkpoint, database, ids, found } = gathered;
  const { contextLength, ...model } = await workspace.model();
  const countTokens = tokenCounter({ contextLength, ...model });
  const roots = await imageRoots(workspace.source.root, params.approvedRoots);
  await workspace.makeHome();
  await database.run('CREATE TABLE contents(id BIGINT, image VARCHAR, caption VARCHAR, script VARCHAR)');
  progress.begin('read', 'images');
  let done = 0;
  for (const part of store.parts) {
    if (part.metadata === null) continue;
    const file = factsFile(workspace.home, part.index);
    const contents: [number, string, string, string | null][] = [];
    const look = async (): Promise<void> => {
      await checkpoint();
      progress.update(Math.min(++done, store.rows), store.rows);
    };
    for (const pair of await lookAtPart(part, file, roots, database, look)) {
      await checkpoint();
      const { id, row, caption, sha256 } = pair;
      const facts = { ...pair, tokens: countTokens(caption), contextLength, script: scriptOf(caption) };
      ids[row] = id;
      contents.push([id, sha256, caption, facts.script]);
      for (const check of checks) if ('pair' in check && check.pair(facts)) found.get(check.id)!.add(id);
    }
    await database.append('contents', ['BIGINT', 'VARCHAR', 'VARCHAR', 'VARCHAR'], contents);
  }
}

/** Groups are DuckDB's work; a query is interrupted when the job is cancelled. */
async function lookAtContents({ database, found }: Gathered, context: JobContext): Promise<void> {
  const watch = setInterval(() => {
    if (context.cancelled()) database.connection.interrupt();
  }, 100);
  try {
    for (const check of checks) {
      throwIfCancelled(context);
      if (!('contents' in check)) continue;
      const set = found.get(check.id)!;
      for (const { id } of await database.all<{ id: number }>(check.contents)) set.add(id);
    }
  } catch (error) {
    throwIfCancelled(context);
    throw error;
  } finally {
    clearInterval(watch);
  }
}

async function lookAtEmbeddings({
  ...gathered
}: Gathered): Promise<{ facts: EmbeddingFacts; heads: Map<number, number> }> {
  const { ground, params, workspace, progress, checkpoint, ids, found } = gathered;
  const { table, labels } = ground;
  const { members } = ground.prepared;
  progress.begin('classify', 'pairs');
  const usable = Int32Array.from(table.imageScale.keys()).filter(
    (row) => table.imageScale[row]! > 0 && table.textScale[row]! > 0,
  );
  const scores = new Float64Array(table.rows).fill(NaN);
  const ofUsable = await clipScores(table, usable, checkpoint);
  usable.forEach((row, i) => (scores[row] = ofUsable[i]!));
  const products = await workspace.products(table.dim);
  const repeated = await nearDuplicates(
    table,
    members,
    params.nearDuplicates,
    products,
    async (done, total) => {
      progress.update(done, total);
      await checkpoint();
    },
  );
  const facts: EmbeddingFacts = {
    ...{ scores, labels, nearDuplicates: repeated },
    chance: await chanceScore(table, usable, checkpoint),
    classSizes: members.map((rows) => rows.length),
  };
  for (const check of checks)
    if ('rows' in check) for (const row of check.rows(facts)) found.get(check.id)!.add(ids[row]!);
  return { facts, heads: await duplicateHeads(table, members, repeated, products, checkpoint) };
}

async function describe(
  gathered: Gathered,
  { classSource }: OpenedGround,
  facts: EmbeddingFacts,
  heads: Map<number, number>,
): Promise<QualityReport> {
  const { store, ground, database, workspace, params } = gathered;
  const { pairs, model } = store.plan!;
  await writeIds(gathered, heads);
  const findings: QualityFinding[] = [];
  for (const { id, dimension, title, why, severity } of checks) {
    const { count } = gathered.found.get(id)!;
    const examples = await pairsOf(id, EXAMPLES, gathered);
    findings.push({ id, dimension, title, why, severity, count, share: pairs ? count / pairs : 0, examples });
  }
  const sizes = new Map<number, number>();
  for (const head of heads.values()) sizes.set(head, (sizes.get(head) ?? 1) + 1);
  const classes = classRecord(classSource, ground.classes, model.name, reportFile(workspace.home));
  return {
    schema: 1,
    dataset: { pairs, embedded: store.rows, fingerprint: ground.fingerprint },
    model: { name: model.name, fingerprint: model.fingerprint },
    nearDuplicates: params.nearDuplicates,
    findings,
    scripts: await database.all(
      'SELECT script, count(*) AS count FROM contents GROUP BY script ORDER BY count DESC, script NULLS LAST',
    ),
    clipScore: { median: median(facts.scores.filter((score) => !Number.isNaN(score))), chance: facts.chance },
    classes: { ...classBalance(ground.names, facts.classSizes), description: classes.description },
    clusters: { count: sizes.size, largest: Math.max(0, ...sizes.values()) },
    idsSha256: await sha256OfIds(workspace.home),
  };
}

async function writeIds(
  { database, found, ids, workspace, checkpoint }: Gathered,
  heads: Map<number, number>,
): Promise<void> {
  await database.run('CREATE TABLE places(id BIGINT, row BIGINT, repeats BIGINT)');
  await database.append(
    'places',
    ['BIGINT', 'BIGINT', 'BIGINT'],
    Array.from(ids, (id, row) => [id, row, heads.has(row) ? ids[heads.get(row)!]! : null] as const),
  );
  await database.run('CREATE TABLE found(finding VARCHAR, id BIGINT)');
  for (const [finding, set] of found) {
    await checkpoint();
    await database.append(
      'found',
      ['VARCHAR', 'BIGINT'],
      Array.from(set, (id) => [finding, id] as const),
    );
  }
  await produceAside(idsFile(workspace.home), (aside) =>
    database.run(
      `COPY (SELECT finding, id, row, CASE WHEN finding = 'near-duplicate' THEN repeats END AS repeats
             FROM found LEFT JOIN places USING (id) ORDER BY finding, id) TO ${sqlString(aside)} (FORMAT parquet)`,
    ),
  );
}
