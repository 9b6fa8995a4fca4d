import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runCli, scratchFolder } from '../cli.js';

const PEER = fileURLToPath(new URL('../../bench/peer/', import.meta.url));
const folder = scratchFolder();

function hasNumpy(): boolean {
  try {
    execFileSync('python3', ['-c', 'import numpy'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!hasNumpy())(
  'clipcov select --method clipcov-notebook (skipped without python3 and numpy)',
  () => {
    it('picks what the peer script picks on the same store', async () => {
      const store = join(folder, 'store');
      const python = (...args: string[]): string => execFileSync('python3', args, { encoding: 'utf8' });
      python(join(PEER, 'gen_embeddings.py'), store, '--pairs', '3000', '--classes', '8', '--dim', '32');
      const out = join(folder, 'subset.npy');
      python(join(PEER, 'notebook_procedure.py'), store, '--budget', '0.5', '--float64', '--out', out);
      const load = 'import json, sys, numpy; print(json.dumps(numpy.load(sys.argv[1]).tolist()))';
      const expected = JSON.parse(python('-c', load, out)) as number[];
      const ran = await runCli(
        ...['select', store, '--method', 'clipcov-notebook', '--budget', '50%', '--device', 'cpu', '--json'],
        ...['--class-embeddings', join(store, 'class_emb.npy'), '--out', join(folder, 'notebook')],
      );
      expect(ran.code, ran.stderr).toBe(0);
      const { picks } = JSON.parse(ran.stdout) as { picks: number[] };
      expect(picks).toHaveLength(1500);
      expect(picks).toEqual(expected);
    });
  },
);
