import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withLock } from '../../../server/export/lock.js';
import { checkPicks, readPicks, picksPath } from '../../../server/export/picks.js';
import { amendSubset } from '../../../server/export/saveSubset.js';
import { readSubset } from '../../../server/export/subsetDocument.js';
import { QUICK } from '../../bench/quickModel.js';
import { makeDataset, runCli, scratchFolder, startCli } from '../cli.js';
import { result } from '../storeResult.js';

const scratch = scratchFolder();
const EMBED = [...QUICK, '--json'];

describe('two programs on one dataset', () => {
  it('embed it one after the other: the second says who has it, and the store is that of a lone run', async () => {
    const [alone, shared] = [join(scratch, 'alone'), join(scratch, 'shared')];
    // Captions alone are quickly made, and take long enough to embed for the two to meet.
    const captions = Array.from({ length: 300 }, (_, i) => `images/0.png,another caption ${i}`);
    await makeDataset(alone, 200, captions);
    cpSync(alone, shared, { recursive: true });
    const lone = await runCli('embed', alone, ...EMBED);
    expect(lone.code, lone.stderr).toBe(0);
    expect(JSON.parse(lone.stdout)).toMatchObject({ embedded: 500, skipped: { total: 0, reasons: [] } });

    const both = [0, 1].map(() => startCli(['embed', shared, ...EMBED]));
    const ended = await Promise.all(both.map(({ ended }) => ended));
    const [winner, loser] = ended[0]!.code === 0 ? [0, 1] : [1, 0];
    expect(ended[winner]!.code, ended[winner]!.stderr).toBe(0);
    expect(ended[loser]!.code).toBe(1);
    expect(ended[loser]!.stderr).toContain(
      `Another ClipCov process (PID ${both[winner]!.child.pid}) is working on this dataset.`,
    );
    expect(contents(shared)).toEqual(contents(alone));

    const again = await runCli('embed', shared, ...EMBED);
    expect(again.code, again.stderr).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({ embedded: 500, imagesEncoded: 0 });
    expect(contents(shared)).toEqual(contents(alone));
  }, 120_000);

  it('save subsets of one name one after the other: picks and document stay a pair', async () => {
    const dataset = join(scratch, 'alone');
    const store = (JSON.parse((await runCli('embed', dataset, ...EMBED)).stdout) as { store: string }).store;
    const select = (budget: string): ReturnType<typeof startCli> =>
      startCli(['select', store, '--budget', budget, '--kmeans', '3', '--out', 'same', ...EMBED]);
    const subset = join(store, 'subsets', 'same.clipcov.json');
    for (let round = 0; round < 2; round++) {
      const ran = await Promise.all(['50', '70', '90'].map((budget) => select(budget).ended));
      for (const { code, stderr } of ran) expect(code, stderr).toBe(0);
      const document = await readSubset(subset);
      await checkPicks(subset, document);
      const picks = await readPicks(picksPath(subset, document));
      const written = ran.map(({ stdout }) => (JSON.parse(stdout) as { ids: number[] }).ids);
      expect(written).toContainEqual(picks.map(({ id }) => id));
      expect(picks.length).toBe(document.picks);
    }
    expect(readdirSync(join(store, 'subsets')).sort()).toEqual(['same.clipcov.json', 'same.parquet']);

    const document = await readSubset(subset);
    const other = { ...document, picksSha256: '0'.repeat(64), warnings: ['of another'] };
    await expect(amendSubset(subset, other)).rejects.toMatchObject({ code: 'subset-replaced' });
    expect(await readSubset(subset)).toEqual(document);
  }, 120_000);
});

describe('a lock', () => {
  it('lets one in at a time', async () => {
    const file = join(scratch, 'locked');
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 5));
      inside--;
    };
    await Promise.all(Array.from({ length: 8 }, () => withLock(file, work)));
    expect(most).toBe(1);
    await expect(withLock(file, () => Promise.reject(new Error('inside')))).rejects.toThrow('inside');
    expect(existsSync(`${file}.lock`)).toBe(false);
  });

  it('that was left behind by a killed program is taken over', async () => {
    const file = join(scratch, 'left');
    writeFileSync(`${file}.lock`, '');
    expect(await withLock(file, async () => 'done', 100)).toBe('done');
  });

  it('that cannot be made says so', async () => {
    mkdirSync(join(scratch, 'folder'));
    writeFileSync(join(scratch, 'folder', 'file'), '');
    const inFile = join(scratch, 'folder', 'file', 'x');
    await expect(withLock(inFile, async () => undefined)).rejects.toMatchObject({ code: 'cannot-write' });
  });
});

/** Every file of the store with the hash of its bytes; catalogue and classified are caches and no part of it. */
function contents(dataset: string): [string, string][] {
  const folder = join(dataset, '.clipcov');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => !/catalogue\.duckdb|classified/.test(name) && statSync(join(folder, name)).isFile())
    .sort()
    .map((name) => [
      name,
      createHash('sha256')
        .update(result(join(folder, name)))
        .digest('hex'),
    ]);
}
