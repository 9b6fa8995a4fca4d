import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assemble, DEFAULT_OUT } from '../demo/assemble.js';
import { groundTruthTable, renderGroundTruth } from './groundTruth.js';

/**
 * What the 20 % subsets of the demonstration data hold, by the ground truth that the product never reads: ClipCov with
 * and without the near-duplicate filter, beside clip-score and random. Run with `npm run bench:demo`.
 */
const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const data = await assemble(DEFAULT_OUT);

function picks(name: string, options: string[]): [string, number[]] {
  const args = [cli, 'select', DEFAULT_OUT, '--budget', '20%', '--json', '--device', 'cpu', ...options];
  const out = join('subsets', 'bench', name.replaceAll(/\W+/g, '-'));
  const printed = execFileSync(process.execPath, [...args, '--out', join(DEFAULT_OUT, out)], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return [name, (JSON.parse(printed) as { ids: number[] }).ids];
}

const near = ['--near-duplicates', '0.05'];
const subsets = Object.fromEntries([
  picks('clipcov', []),
  picks('clipcov, near-duplicate filter', near),
  picks('clip-score', ['--method', 'clip-score']),
  picks('clip-score, near-duplicate filter', ['--method', 'clip-score', ...near]),
  picks('random', ['--method', 'random']),
]);
console.log(renderGroundTruth(groundTruthTable(subsets, data.truth)));
