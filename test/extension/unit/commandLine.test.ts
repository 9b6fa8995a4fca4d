import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { commandLine, selectArguments } from '../../../extension/run/commandLine.js';
import { parseCommand, selectParams } from '../../../server/cli/arguments.js';
import type { RequestParams } from '../../../server/protocol/contract.js';
import { selectSchema } from '../../../server/protocol/selection.js';

const RUNS: RequestParams<'select'>[] = [
  { source: '/data/icons', budget: '10%' },
  {
    source: "/data/it's a folder/ü $HOME `x`",
    budget: '0.5%',
    method: 'neg-clip-loss:30% | norm-sim:20%',
    model: 'owner/name@main:fp16',
    store: '/mnt/store folder',
    device: 'cpu',
    memory: 0.5,
    approvedRoots: ['/images/a', '/images/b c'],
    classes: 'imagenet-1k',
    weights: { cross: 1, self: -2, label: 0.5, inter: 1e-7, redundancy: 0, balance: 3 },
    seed: 4_294_967_295,
    nearDuplicates: 0.05,
    target: '-target.npy',
    norm: 'inf',
    early: '/early',
    evaluate: false,
  },
  {
    source: '/data/pairs.csv',
    budget: '5000',
    columns: { image: 'a picture', caption: "it's said" },
    kmeans: 12,
    include: 'in.txt',
    exclude: 'out.txt',
    excludeFindings: ['blank', 'exact-duplicates'],
    holdout: '5%',
    classQuota: '3',
    embeddings: 'b32',
    out: 'name',
  },
  { source: '/data/pairs.csv', budget: '1', classEmbeddings: '/e.npy' },
];

describe('the command line of a run', () => {
  it.each(RUNS)('means the same to clipcov as the run does: %#', (params) => {
    expect(selectParams(parseCommand(selectArguments(params)))).toEqual(selectSchema.parse(params));
  });

  it('knows every parameter there is', () => {
    const named = new Set(RUNS.flatMap((params) => Object.keys(params)));
    expect([...named].sort()).toEqual(Object.keys(selectSchema.shape).sort());
  });

  it.each(RUNS)('survives a POSIX shell: %#', (params) => {
    const args = selectArguments(params);
    const line = commandLine(args, { HF_HUB_CACHE: "/a cache/it's" }, 'linux');
    const script = `clipcov() { printf '%s\\0' "$HF_HUB_CACHE" "$@"; }; ${line}`;
    const got = execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
    expect(got).toEqual(["/a cache/it's", ...args]);
  });

  it('quotes for PowerShell on Windows', () => {
    const line = commandLine(
      ['select', "C:\\it's\\a b", '--budget=10%'],
      { HF_ENDPOINT: 'https://x' },
      'win32',
    );
    expect(line).toBe("$env:HF_ENDPOINT = 'https://x'; clipcov select 'C:\\it''s\\a b' --budget=10%");
  });
});
