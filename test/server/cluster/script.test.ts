import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { arrayOf, shardParts, stagesOf } from '../../../server/cluster/graph.js';
import { shellQuoted, stageScript } from '../../../server/cluster/script.js';
import { readSettings, settingsSchema, type ClusterSettings } from '../../../server/cluster/settings.js';
import { scratchFolder } from '../cli.js';

const scratch = scratchFolder();
const [prepare, embed] = stagesOf(12);
const settings = (given: object): ClusterSettings => settingsSchema.parse(given);
const script = (stage = embed!, given: object = {}, folder = '/data/run'): string =>
  stageScript(stage, { folder, node: '/usr/bin/node', cli: '/opt/cli.js', settings: settings(given) });

describe('the script of a stage', () => {
  it('asks for accelerators where it embeds, and for what the stage is given of its own', () => {
    const given = {
      partition: 'gpu',
      time: '2:00:00',
      concurrent: 4,
      stages: { prepare: { partition: 'cpu' } },
    };
    expect(script(embed, given)).toContain('#SBATCH --array=0-11%4\n');
    expect(script(embed, given)).toContain('#SBATCH --gres=gpu:1\n');
    expect(script(embed, given)).toContain('#SBATCH --partition=gpu\n');
    expect(script(prepare, given)).toContain('#SBATCH --partition=cpu\n#SBATCH --time=2:00:00\n');
    expect(script(prepare, given)).not.toMatch(/gres|array/);
    expect(script(embed, { gres: '' })).not.toContain('gres');
  });

  it('runs nothing of what a value holds', () => {
    const words = [`it's`, '$(touch hacked)', '`touch hacked`', 'a b', '; touch hacked', '"', '*', ''];
    const { stdout } = spawnSync('bash', ['-c', `printf '%s\\n' ${words.map(shellQuoted).join(' ')}`], {
      encoding: 'utf8',
      cwd: scratch,
    });
    expect(stdout).toBe(words.map((word) => `${word}\n`).join(''));
    expect(script(embed, { modules: ['$(touch hacked)'] })).toContain(`module load '$(touch hacked)'\n`);
  });

  it.each(['/data/a"b', '/data/100%', '/data/a\nb', '/data/a\\b'])('refuses the folder %j', (folder) => {
    expect(() => script(embed, {}, folder)).toThrow('Slurm cannot run in a folder');
  });
});

describe('settings', () => {
  const write = (name: string, content: string): string => {
    const folder = join(scratch, name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'cluster.json'), content);
    return folder;
  };

  it('of the command line take the place of those of the file', () => {
    const folder = write('both', '{"partition": "gpu", "account": "lab"}');
    expect(readSettings(folder, { partition: 'big', qos: undefined })).toMatchObject({
      partition: 'big',
      account: 'lab',
      retries: 2,
    });
    expect(readSettings(join(scratch, 'none'), {})).toEqual(settings({}));
  });

  it.each([
    ['{"partition": "gpu\\n#SBATCH --wrap=x"}', 'partition'],
    ['{"account": "a b"}', 'account'],
    ['{"gpus": 2}', 'gpus'],
    ['{"container": ["a\\nb"]}', 'container'],
    ['{', 'JSON'],
  ])('%s is refused', (content, named) => {
    const folder = write(`refused ${named}`, content);
    expect(() => readSettings(folder, {})).toThrow(named);
  });
});

describe('shards', () => {
  it('share all parts, each once', () => {
    for (const [shards, parts] of [
      [1, 1],
      [3, 10],
      [10, 3],
      [8, 8],
    ] as const) {
      const all = Array.from({ length: shards }, (_, shard) => shardParts(shard, shards, parts));
      expect(all[0]!.first).toBe(0);
      expect(all.at(-1)!.end).toBe(parts);
      for (let i = 1; i < shards; i++) expect(all[i]!.first).toBe(all[i - 1]!.end);
    }
  });

  it('are numbered as Slurm numbers tasks', () => {
    expect(arrayOf([7, 0, 1, 2, 9, 10])).toBe('0-2,7,9-10');
    expect(arrayOf([3])).toBe('3');
  });
});
