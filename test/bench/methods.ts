import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assemble, DEFAULT_OUT } from '../demo/assemble.js';
import { layHeldOut } from '../demo/heldOut.js';
import { CLI } from './measure.js';

/**
 * Every method at 5, 10 and 20 % of the demonstration data, noise included, by one `clipcov sweep`: all measures, and linear
 * CLIP on icons of two sets that are in no pair. Run with `npm run bench:methods [METHODS]`.
 */
const METHODS = [
  'clipcov',
  'clipcov-pruned',
  'clipcov-notebook',
  'near-duplicates | clipcov',
  'neg-clip-loss:30% | clipcov',
  'clip-score',
  'near-duplicates | clip-score',
  'neg-clip-loss',
  'semdedup',
  'skmm',
  'random',
];
const methods = process.argv[2] ?? METHODS.join(',');

await assemble(DEFAULT_OUT);
const folder = mkdtempSync(join(tmpdir(), 'clipcov-held-out-'));
try {
  const { lucide, carbon } = await layHeldOut(folder);
  const args = ['--budgets', '5%,10%,20%', '--methods', methods, '--seeds', '3', '--device', 'cpu'];
  const found = execFileSync(
    process.execPath,
    [CLI, 'sweep', DEFAULT_OUT, ...args, '--on', lucide, '--on', carbon],
    { encoding: 'utf8', maxBuffer: 2 ** 28, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  console.log(found);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
