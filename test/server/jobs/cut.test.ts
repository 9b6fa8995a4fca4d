import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { JobContext } from '../../../server/context.js';
import { checkPicks } from '../../../server/export/picks.js';
import { readSubset, type SubsetDocument } from '../../../server/export/subsetDocument.js';
import { cutJob } from '../../../server/jobs/cutJob.js';
import { explainJob } from '../../../server/jobs/explainJob.js';
import { reselectJob } from '../../../server/jobs/reselectJob.js';
import { selectJob } from '../../../server/jobs/selectJob.js';
import { selectSchema, type CutReport } from '../../../server/protocol/selection.js';
import { scratchFolder, write } from '../cli.js';
import { makeStore } from '../embeddings/npyFiles.js';
import { numbers } from '../selection/samples.js';

const PAIRS = 60;
const folder = join(scratchFolder(), 'store');
const context: JobContext = { report: () => undefined, cancelled: () => false };
const source = { source: folder, device: 'cpu' as const, memory: 2, approvedRoots: [] };

async function select(options: object): Promise<string> {
  const report = await selectJob(
    selectSchema.parse({ ...source, kmeans: 4, evaluate: false, ...options }),
    context,
  );
  return report.subset;
}

const cut = (subset: string, budget: string, out: string): Promise<CutReport> =>
  cutJob({ ...source, subset, budget, out }, context);
const besides = (subset: string, name: string): string => join(dirname(subset), `${name}.clipcov.json`);
/** A document but for the name of its picks, which is its own. */
const bare = async (subset: string): Promise<SubsetDocument> => ({
  ...(await readSubset(subset)),
  picksFile: '',
});

beforeAll(() => {
  const next = numbers(11);
  const rows = (): number[][] =>
    Array.from({ length: PAIRS }, (_, i) => Array.from({ length: 6 }, () => (i === 7 ? 0 : next())));
  makeStore(folder, [{ number: '0', images: rows(), texts: rows() }]);
});

describe('a cut of a subset', () => {
  it.each([
    ['clipcov', {}],
    ['near-duplicates | clip-score:70% | clipcov', {}],
    ['clip-score', { classQuota: '5' }],
    ['random', { seed: 4 }],
  ])('by %s is what a run for both budgets saves, to the byte', async (method, options) => {
    const out = `both-${method.length}`;
    const larger = await select({ method, budget: '5,14', out, ...options });
    const made = await cut(larger, '5', `${out}-cut`);
    const smaller = besides(larger, `${out}-5`);
    expect(made.subset).toBe(besides(larger, `${out}-cut`));
    expect(made.picks).toBe(5);
    expect(await bare(made.subset)).toEqual(await bare(smaller));
    await checkPicks(made.subset, await readSubset(made.subset));
  });

  it('says what is no longer so: an evaluation is of other picks, and a shortfall of another budget', async () => {
    const short = await select({ budget: '58', classQuota: '10', evaluate: true, out: 'short' });
    const document = await readSubset(short);
    expect(document.evaluation).not.toBeNull();
    expect(document.warnings.filter((one) => one.startsWith('The budget asks for 58'))).toHaveLength(1);
    const { subset, warnings } = await cut(short, '10%', 'ten-percent');
    expect(warnings).toEqual(document.warnings.filter((one) => !one.startsWith('The budget asks for 58')));
    const saved = await readSubset(subset);
    expect(saved).toMatchObject({
      picks: 5,
      evaluation: null,
      parameters: { budget: '10%', classQuota: '10' },
    });
  });

  it('warns where a smaller budget alone would have picked others', async () => {
    const matched = await select({ method: 'skmm', budget: '14', out: 'skmm' });
    const { warnings } = await cut(matched, '5', 'skmm-5');
    expect(warnings.at(-1)).toMatch(/^These are the first 5 of 14 picks; asked for no more than these, skmm/);
  });

  it('has lists of its own where those of the subset are its own, and names a user’s own where it lies', async () => {
    const include = join(folder, 'mine.txt');
    await write(include, '3\n9\n');
    const given = await select({ budget: '8', include, out: 'given' });
    const elsewhere = join(folder, 'further', 'away');
    mkdirSync(elsewhere, { recursive: true });
    const moved = await cut(given, '6', join(elsewhere, 'moved'));
    expect((await readSubset(moved.subset)).parameters.include).toBe('../../mine.txt');
    expect(await explainJob({ ...source, subset: moved.subset, id: 9 }, context)).toMatchObject({ rank: 1 });

    const marked = await reselectJob(
      { ...source, subset: given, include: [], exclude: [20, 21], out: 'marked' },
      context,
    );
    const { subset } = await cut(marked.subset, '6', 'marked-six');
    const { parameters } = await readSubset(subset);
    expect(parameters.include).toMatch(/^marked-six\.include-[0-9a-f]{8}\.txt$/);
    expect(readFileSync(join(dirname(subset), parameters.exclude!), 'utf8')).toBe('20\n21\n');
    // Another cut under the same name forgets the lists of the one before.
    await cut(given, '6', 'marked-six');
    expect(readdirSync(dirname(subset)).filter((name) => /^marked-six\..*txt$/.test(name))).toEqual([]);
  });

  it('is refused over the subset itself, and beyond its picks', async () => {
    const subset = await select({ budget: '6', out: 'six' });
    const before = await readSubset(subset);
    await expect(cut(subset, '3', 'six')).rejects.toMatchObject({ code: 'cut-in-place' });
    await expect(cut(subset, '7', 'seven')).rejects.toMatchObject({ code: 'cut-too-large' });
    await expect(cut(subset, 'some', 'some')).rejects.toMatchObject({ code: 'budget-invalid' });
    expect(await readSubset(subset)).toEqual(before);
  });

  it('leaves nothing behind where it is cancelled', async () => {
    const subset = await select({ budget: '6', out: 'whole' });
    const names = readdirSync(dirname(subset));
    const stopped = cutJob(
      { ...source, subset, budget: '3', out: 'stopped' },
      { report: () => undefined, cancelled: () => true },
    );
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
    expect(readdirSync(dirname(subset))).toEqual(names);
  });
});
