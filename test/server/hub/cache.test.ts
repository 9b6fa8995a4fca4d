import { cpSync, lstatSync, mkdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { embeddedModelFolder, loadModel } from '../../../server/embeddings/model.js';
import { cacheFolder, RepoCache } from '../../../server/hub/cache.js';
import { cachedModels } from '../../../server/hub/cachedModel.js';
import { findModel } from '../../../server/hub/findModel.js';
import { scratchFolder } from '../cli.js';
import { blobOf, CLIP_FILES, COMMIT, FakeHub, REPO } from './fakeHub.js';
import { failure, pullFrom } from './pulling.js';

const scratch = scratchFolder();
let cache: string;
let number = 0;
beforeEach(() => {
  cache = join(scratch, String(number++));
});
const env = (): { HF_HUB_CACHE: string } => ({ HF_HUB_CACHE: cache });
/** The embedded model as a snapshot that somebody else put there, without blobs. */
const putModel = (repo: string, commit: string, ref?: string): string => {
  const place = new RepoCache(cache, repo);
  cpSync(embeddedModelFolder(), place.snapshot(commit), { recursive: true });
  if (ref !== undefined) {
    mkdirSync(join(place.folder, 'refs'), { recursive: true });
    writeFileSync(join(place.folder, 'refs', ref), commit);
  }
  return place.snapshot(commit);
};
const A = 'a'.repeat(40);
const B = 'b'.repeat(40);

it('the cache lies where the tools of Hugging Face have it', () => {
  expect(cacheFolder({ HF_HUB_CACHE: '/c', HF_HOME: '/h' })).toBe('/c');
  expect(cacheFolder({ HF_HOME: '/h' })).toBe('/h/hub');
  expect(cacheFolder({ XDG_CACHE_HOME: '/x' })).toBe('/x/huggingface/hub');
  expect(cacheFolder({})).toMatch(/\/\.cache\/huggingface\/hub$/);
  expect(cacheFolder({ HF_HOME: '~/h' })).toBe(cacheFolder({}).replace(/\.cache\/huggingface/, 'h'));
});

it('a pulled model lies there as those tools lay it', async () => {
  const hub = await FakeHub.start();
  await pullFrom(hub, cache);
  const root = join(cache, 'models--fake-owner--tiny-clip');
  expect(readFileSync(join(root, 'refs/main'), 'utf8')).toBe(COMMIT);
  for (const path of CLIP_FILES) {
    const place = join(root, 'snapshots', COMMIT, path);
    const up = '../'.repeat(path.split('/').length + 1);
    expect(lstatSync(place).isSymbolicLink()).toBe(true);
    expect(readlinkSync(place)).toBe(`${up}blobs/${blobOf(hub.files.get(path)!)}`);
  }
  expect((await loadModel(root + `/snapshots/${COMMIT}`)).fingerprint).toBe((await loadModel()).fingerprint);
});

it('a snapshot of files instead of links needs no blob', async () => {
  const hub = await FakeHub.start();
  putModel(REPO, COMMIT);
  expect((await pullFrom(hub, cache)).missingBytes).toBe(0);
  expect(hub.asked.filter(({ path }) => path.includes('/resolve/'))).toEqual([]);
  expect(findModel(REPO, env()).folder).toContain(COMMIT);
});

describe('a model that is named', () => {
  it('is a folder where there is one, else what the cache has at that revision', () => {
    const [first, second] = [putModel('o/n', A, 'main'), putModel('o/n', B, 'v2')];
    expect(findModel(first, env())).toEqual({ folder: first });
    expect(findModel('o/n', env())).toEqual({ folder: first, name: 'o/n', variant: null });
    expect(findModel('o/n@v2', env())).toMatchObject({ folder: second, name: 'o/n@v2' });
    expect(findModel(`o/n@${B}`, env())).toMatchObject({ folder: second });
    expect(findModel('server/hub', env())).toEqual({ folder: 'server/hub' });
    expect(findModel('./no/such', env())).toEqual({ folder: './no/such' });
  });

  it.each([['o/other'], ['o/n@v3'], ['o/n:fp16'], ['O/n']])('%s: what is not there can be pulled', (name) => {
    putModel('o/n', A, 'main');
    expect(() => findModel(name, env())).toThrow(
      expect.objectContaining({
        code: 'model-missing',
        where: cache,
        fix: `Fetch it with: clipcov models pull ${name} (in the editor: ClipCov: Choose Model…)`,
      }),
    );
  });

  it('is not found while its snapshot lacks a file', () => {
    rmSync(join(putModel('o/n', A, 'main'), 'onnx/vision_model.onnx'));
    expect(() => findModel('o/n', env())).toThrow(expect.objectContaining({ code: 'model-missing' }));
    expect(cachedModels(cache)).toEqual([]);
  });

  it.each([['package.json'], ['package.json/below'], ['no/such/folder'], ['../none']])(
    '%s is no folder, and is said to be none',
    async (name) => {
      const { code } = await failure(Promise.resolve().then(() => loadModel(findModel(name, env()).folder)));
      expect(code).toBe('model-missing');
    },
  );

  it('is taken in the precision that is there, or that is named', async () => {
    const folder = putModel('o/n', A, 'main');
    for (const tower of ['vision', 'text'])
      cpSync(join(folder, `onnx/${tower}_model.onnx`), join(folder, `onnx/${tower}_model_fp16.onnx`));
    const vision = async (name: string): Promise<string> => {
      const { folder, ...found } = findModel(name, env());
      return basename((await loadModel(folder, found)).vision);
    };
    expect(await vision('o/n')).toBe('vision_model.onnx');
    expect(await vision('o/n:fp16')).toBe('vision_model_fp16.onnx');
    expect(cachedModels(cache)[0]!.variants).toEqual([null, 'fp16']);
    for (const tower of ['vision', 'text']) rmSync(join(folder, `onnx/${tower}_model.onnx`));
    expect(await vision('o/n')).toBe('vision_model_fp16.onnx');
  });
});
