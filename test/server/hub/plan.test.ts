import { readdirSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { hubName } from '../../../server/hub/hubName.js';
import { planPull, type PullPlan } from '../../../server/hub/pull.js';
import { scratchFolder } from '../cli.js';
import { CLIP_FILES, COMMIT, FakeHub, REPO } from './fakeHub.js';
import { accessTo, failure, pullFrom, TOKEN } from './pulling.js';

const cache = scratchFolder();
let hub: FakeHub;
beforeEach(async () => {
  hub = await FakeHub.start();
});
const plan = (name = REPO): Promise<PullPlan> => planPull(accessTo(hub), cache, hubName(name));
const paths = ({ files }: PullPlan): string[] => files.map(({ path }) => path);

describe('a plan', () => {
  it('lists the files of a CLIP and no others, config.json first, whatever the pages', async () => {
    for (const other of ['pytorch_model.bin', 'onnx/model.onnx', 'onnx/vision_model_fp16.onnx', 'run.py'])
      hub.files.set(other, Buffer.from('x'));
    hub.files.set('onnx/vision_model.onnx_data', Buffer.from('weights'));
    hub.pageSize = 3;
    const found = await plan();
    expect(paths(found).toSorted()).toEqual([...CLIP_FILES, 'onnx/vision_model.onnx_data'].toSorted());
    expect(paths(found)[0]).toBe('config.json');
    const bytes = paths(found).reduce((sum, path) => sum + hub.files.get(path)!.length, 0);
    expect(found).toMatchObject({
      commit: COMMIT,
      bytes,
      missingBytes: bytes,
      host: `127.0.0.1:${hub.port}`,
    });
    expect(hub.asked.filter(({ path }) => path.includes('/tree/'))).toHaveLength(5);
    expect(hub.asked.filter(({ path }) => path.includes('/resolve/'))).toEqual([]);
    expect(hub.asked.every(({ headers }) => headers.authorization === `Bearer ${TOKEN}`)).toBe(true);
  });

  it('takes the graphs of a variant instead, and asks for the revision', async () => {
    for (const tower of ['vision', 'text'])
      hub.files.set(`onnx/${tower}_model_fp16.onnx`, Buffer.from(tower));
    const found = await plan(`${REPO}@refs/pr/1:fp16`);
    expect(paths(found).filter((path) => path.startsWith('onnx/'))).toEqual([
      'onnx/text_model_fp16.onnx',
      'onnx/vision_model_fp16.onnx',
    ]);
    expect(hub.asked[0]!.path).toBe(`/api/models/${REPO}/revision/refs/pr/1`);
  });

  it('names what is missing, and the precision that is there', async () => {
    hub.files.delete('tokenizer.json');
    hub.files.delete('onnx/vision_model.onnx');
    const { code, said } = await failure(plan());
    expect(code).toBe('hub-no-clip');
    expect(said).toContain('it lacks tokenizer.json, onnx/vision_model.onnx');
    hub.files = new Map([...hub.files, ['tokenizer.json', Buffer.from('{}')]]);
    for (const tower of ['vision', 'text'])
      hub.files.set(`onnx/${tower}_model_quantized.onnx`, Buffer.from(tower));
    expect((await failure(plan())).said).toContain('It has --variant quantized.');
  });

  it('of a model with another config ends before the large files', async () => {
    hub.files.set('config.json', Buffer.from('{"model_type":"siglip"}'));
    expect(await failure(pullFrom(hub, cache))).toMatchObject({ code: 'hub-no-clip' });
    expect(hub.asked.filter(({ path }) => path.includes('/resolve/')).map(({ path }) => path)).toEqual([
      `/${REPO}/resolve/${COMMIT}/config.json`,
    ]);
  });

  it('that no disk can hold is refused before it begins', async () => {
    const oid = '0'.repeat(64);
    hub.extraEntries = [
      {
        type: 'file',
        path: 'onnx/vision_model.onnx_data',
        size: 9,
        oid: '0'.repeat(40),
        lfs: { oid, size: 2 ** 52 },
      },
    ];
    expect(await failure(pullFrom(hub, cache))).toMatchObject({ code: 'disk-full' });
    expect(hub.asked.filter(({ path }) => path.includes('/resolve/'))).toEqual([]);
  });
});

describe('a server that lies', () => {
  const oid = '0'.repeat(40);
  it.each(['../../evil', '/etc/evil', 'onnx/../../evil', 'a\\..\\evil', 'evil\0', 'C:evil', 'a//b', './a'])(
    'about the path %j is refused as a whole',
    async (path) => {
      hub.extraEntries = [{ type: 'file', path, size: 1, oid }];
      expect(await failure(pullFrom(hub, cache))).toMatchObject({ code: 'hub-unsafe-path' });
      expect(hub.asked.filter(({ path }) => path.includes('/resolve/'))).toEqual([]);
    },
  );

  it('about checksums cannot name a file of the cache', async () => {
    hub.files.delete('config.json');
    hub.extraEntries = [{ type: 'file', path: 'config.json', size: 1, oid: '../../../evil' }];
    expect((await failure(plan())).code).toBe('hub-failed');
    expect(readdirSync(cache).filter((name) => !name.startsWith('models--'))).toEqual([]);
  });

  it('about the commit, or with an endless list, is refused', async () => {
    hub.misbehave = (_, response, path) => {
      if (!path.includes('/tree/')) return false;
      response.setHeader('link', `<${hub.endpoint}${path}?recursive=1>; rel="next"`);
      response.end('[]');
      return true;
    };
    expect((await failure(plan())).said).toContain('more than 100 pages');
    hub.misbehave = (_, response) => response.end('{"sha":"../x"}');
    expect((await failure(plan())).code).toBe('hub-failed');
    hub.misbehave = (_, response) => response.end('<html>sign in</html>');
    expect((await failure(plan())).said).toContain('it is no JSON');
  });
});

describe('an answer that is no', () => {
  const always = (status: number, headers: Record<string, string> = {}): void => {
    hub.misbehave = (_, response) => response.writeHead(status, headers).end();
  };

  it.each([
    [401, 'hub-refused', 'HF_TOKEN'],
    [403, 'hub-refused', 'accept its terms'],
    [404, 'hub-not-found', 'Check the name'],
    [418, 'hub-failed', 'HF_ENDPOINT'],
  ])('%i says so at once, with the place and no token', async (status, code, advice) => {
    always(status);
    const error = await failure(plan());
    expect(error).toMatchObject({ code, where: `${hub.endpoint}/api/models/${REPO}/revision/main` });
    expect(error.said).toContain(advice);
    expect(error.said).not.toContain(TOKEN);
    expect(hub.asked).toHaveLength(1);
  });

  it('500 and 429 are tried three times', async () => {
    always(500);
    expect((await failure(plan())).code).toBe('hub-failed');
    expect(hub.asked).toHaveLength(3);
    always(429, { 'retry-after': '0' });
    expect((await failure(plan())).code).toBe('hub-busy');
    expect(hub.asked).toHaveLength(6);
  });

  it('429 waits as long as it is asked to, unless that is too long', async () => {
    let refused = 0;
    hub.misbehave = (_, response) => {
      if (refused++ > 0) return false;
      response.writeHead(429, { 'retry-after': '1' }).end();
      return true;
    };
    const start = performance.now();
    await plan();
    expect(performance.now() - start).toBeGreaterThan(990);
    always(429, { 'retry-after': '3600' });
    const count = hub.asked.length;
    expect((await failure(plan())).said).toContain('in 3600 s');
    expect(hub.asked).toHaveLength(count + 1);
  });

  it('500 once is no failure', async () => {
    let failed = 0;
    hub.misbehave = (_, response) => {
      if (failed++ > 0) return false;
      response.writeHead(500).end();
      return true;
    };
    expect((await plan()).commit).toBe(COMMIT);
  });

  it('a hub that is not there is named', async () => {
    const gone = accessTo(hub);
    gone.endpoint.port = '1';
    const error = await failure(planPull(gone, cache, hubName(REPO)));
    expect(error.code).toBe('hub-unreachable');
    expect(error.said).toContain('127.0.0.1:1');
  });

  it('redirects are followed five times, and never off the web', async () => {
    let turns = 0;
    hub.misbehave = (_, response) => response.writeHead(302, { location: `/again/${turns++}` }).end();
    expect((await failure(plan())).code).toBe('hub-redirect');
    expect(hub.asked).toHaveLength(6);
    always(302, { location: 'file:///etc/passwd' });
    expect((await failure(plan())).code).toBe('hub-redirect');
    always(302, { location: 'http://192.0.2.1/' });
    expect((await failure(plan())).said).toContain('http://192.0.2.1/');
  });
});
