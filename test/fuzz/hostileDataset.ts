import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeDataset, picture } from '../server/cli.js';
import { tarFile } from '../server/dataset/tarFile.js';

/** Pairs that are as they should be. */
export const SOUND = 12;

/** A dataset whose rows name what is not theirs, beside a folder with something to be found. Returns how many such rows there are. */
export async function hostileDataset(dataset: string, outside: string): Promise<number> {
  mkdirSync(join(outside, 'images'), { recursive: true });
  mkdirSync(dataset, { recursive: true });
  const secret = join(outside, 'secret.png');
  for (const file of [secret, join(outside, 'images', '0.png')]) writeFileSync(file, await picture(77));
  symlinkSync(secret, join(dataset, 'link.png'));
  symlinkSync(outside, join(dataset, 'linked'));
  spawnSync('mkfifo', [join(dataset, 'pipe.png')]);
  const drawn = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="${secret}" width="9" height="9"/></svg>`;
  for (const name of ['drawn.svg', 'drawn.png']) writeFileSync(join(dataset, name), drawn);
  const inside = tarFile(
    [secret, '../outside/secret.png', 'link.png'].map((name) => ({ name, kind: '2', content: '' })),
  );
  writeFileSync(join(dataset, 'shard.tar'), inside);
  const named = [
    ...[
      '/etc/passwd',
      '/proc/self/environ',
      '/dev/zero',
      secret,
      '../outside/secret.png',
      '../outside',
      '..',
    ],
    ...['link.png', 'linked/secret.png', 'linked/images/0.png', 'pipe.png', 'drawn.svg', 'drawn.png'],
    ...['shard.tar/../outside/secret.png', 'shard.tar/link.png', `shard.tar/${secret}`],
    ...[
      'http://127.0.0.1:9/a.png',
      'https://example.com/a.png',
      `file://${secret}`,
      'data:image/png;base64,AA',
    ],
    ...['//example.com/share/a.png', '\\\\example.com\\share\\a.png', '~/secret.png', '$HOME/secret.png'],
  ];
  await makeDataset(
    dataset,
    SOUND,
    named.map((name, i) => `"${name}",hostile ${i}`),
  );
  return named.length;
}
