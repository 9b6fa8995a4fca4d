import { existsSync, lstatSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { RepoCache } from '../../../server/hub/cache.js';
import { scratchFolder } from '../cli.js';
import { CLIP_FILES, COMMIT, FakeHub, REPO } from './fakeHub.js';
import { pullFrom } from './pulling.js';

vi.mock('node:fs/promises', async (original) => ({
  ...(await original<object>()),
  symlink: async () => {
    throw Object.assign(new Error('EPERM: operation not permitted, symlink'), { code: 'EPERM' });
  },
}));

it('where the system gives no links, a snapshot has copies', async () => {
  const hub = await FakeHub.start();
  const cache = scratchFolder();
  await pullFrom(hub, cache);
  for (const path of CLIP_FILES) {
    const place = join(new RepoCache(cache, REPO).snapshot(COMMIT), path);
    expect(existsSync(place) && lstatSync(place).isFile()).toBe(true);
  }
  expect((await pullFrom(hub, cache)).missingBytes).toBe(0);
});
