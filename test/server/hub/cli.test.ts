import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Client } from '../../../extension/server/client.js';
import { startProcess, type ServerProcess } from '../../../extension/server/process.js';
import { embeddedModelFolder } from '../../../server/embeddings/model.js';
import type { PulledModel } from '../../../server/protocol/models.js';
import type { JobProgress } from '../../../server/protocol/progress.js';
import { CLI, makeDataset, runCli, startCli } from '../cli.js';
import { arrived, cache, folder, hub, scratch, sendOnly, until, VISION } from './environment.js';
import { CLIP_FILES, COMMIT, REPO } from './fakeHub.js';
import { TOKEN } from './pulling.js';

const pull = (...args: string[]): ReturnType<typeof runCli> =>
  runCli('models', 'pull', REPO, '--yes', '--json', ...args);

describe('clipcov models pull', () => {
  it('shows files, sizes and host, and fetches nothing where nobody agreed', async () => {
    const { code, stdout, stderr } = await runCli('models', 'pull', REPO);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(`${REPO} at ${COMMIT}, from 127.0.0.1:${hub.port}`);
    for (const path of CLIP_FILES) expect(stderr).toContain(`  ${path}\n`);
    expect(stderr).toContain('9.8 MB  onnx/vision_model.onnx');
    expect(stderr).toContain('give --yes');
    expect(hub.asked.filter(({ path }) => path.includes('/resolve/'))).toEqual([]);
    expect(existsSync(cache)).toBe(false);
  });

  it('prints one object, and nothing of the token', async () => {
    const { code, stdout, stderr } = await pull();
    expect(stderr).toContain('download');
    const pulled = JSON.parse(stdout) as PulledModel;
    expect(pulled).toMatchObject({ name: REPO, commit: COMMIT, folder });
    expect(pulled.downloaded).toBe(pulled.bytes);
    expect(code).toBe(0);
    expect(stdout + stderr).not.toContain(TOKEN);
    expect(JSON.parse((await pull()).stdout)).toMatchObject({ downloaded: 0, bytes: pulled.bytes });
  });

  it('killed while it downloads, goes on where it was', async () => {
    sendOnly(4_000_000);
    const { child, ended } = startCli(['models', 'pull', REPO, '--yes']);
    await until(arrived(4_000_000));
    child.kill('SIGKILL');
    expect((await ended).code).toBeNull();
    expect(existsSync(join(folder, VISION))).toBe(false);
    hub.misbehave = () => false;
    expect((await pull()).code).toBe(0);
    const [first, second] = hub.fetches(VISION);
    expect([first!.sent, second!.sent]).toEqual([4_000_000, hub.files.get(VISION)!.length - 4_000_000]);
    expect(hub.fetches('onnx/text_model.onnx')).toHaveLength(1);
    expect(readFileSync(join(folder, VISION)).equals(hub.files.get(VISION)!)).toBe(true);
  });

  it('twice at a time, both have it', async () => {
    // Both begin before either has the last file.
    let begun = 0;
    hub.misbehave = (request, response, path) => {
      if (!path.endsWith(VISION)) return false;
      const go = setInterval(() => {
        if (begun < 2) return;
        clearInterval(go);
        hub.send(request, response, hub.files.get(VISION)!);
      }, 20);
      begun++;
      return true;
    };
    const both = await Promise.all([pull(), pull()]);
    expect(both.map(({ code, stderr }) => [code, stderr])).toEqual([
      [0, expect.any(String)],
      [0, expect.any(String)],
    ]);
    expect(readFileSync(join(folder, VISION)).equals(hub.files.get(VISION)!)).toBe(true);
    expect(readdirSync(join(folder, '../../blobs')).filter((name) => name.includes('.'))).toEqual([]);
  });

  it.each([
    ['a name that is none', ['models', 'pull', 'nonsense', '--yes'], 1, 'OWNER/NAME'],
    ['no name', ['models', 'pull'], 2, 'a model is missing'],
    ['another action', ['models', 'push', REPO], 2, 'list, pull, check'],
    ['an action that only objects have', ['models', 'constructor', REPO], 2, 'list, pull, check'],
    ['another variant', ['models', 'pull', REPO, '--variant', 'int3'], 2, 'variant'],
    ['too much', ['models', 'pull', REPO, 'x'], 2, 'an action and a model'],
    ['a repository that is not there', ['models', 'pull', 'fake-owner/none', '--yes'], 1, '404'],
  ])('refuses %s', async (_, args, code, said) => {
    const ran = await runCli(...args);
    expect(ran.stderr).toContain(said);
    expect(ran.code).toBe(code);
  });
});

describe('offline', () => {
  it('nothing is asked: a model is in the cache or refused', async () => {
    vi.stubEnv('HF_HUB_OFFLINE', '1');
    const refused = await pull();
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('offline')]);
    vi.stubEnv('HF_HUB_OFFLINE', '0');
    expect((await pull('--offline')).code).toBe(1);
    expect(hub.asked).toEqual([]);
    await pull();
    const asked = hub.asked.length;
    expect(JSON.parse((await pull('--offline')).stdout)).toMatchObject({ folder, downloaded: 0 });
    expect(hub.asked).toHaveLength(asked);
  });
});

describe('a pulled model', () => {
  it('embeds to the same bytes as its folder, and asks nobody', async () => {
    const table = await makeDataset(join(scratch, 'data'), 12);
    const embed = (model: string, store: string): ReturnType<typeof runCli> =>
      runCli('embed', table, '--model', model, '--store', join(scratch, store), '--device', 'cpu', '--json');
    const before = await embed(REPO, 'hub');
    expect(before.code).toBe(1);
    expect(before.stderr).toContain(`clipcov models pull ${REPO}`);
    expect(hub.asked).toEqual([]);
    await pull();
    const asked = hub.asked.length;
    const [named, plain] = [await embed(REPO, 'hub'), await embed(embeddedModelFolder(), 'folder')];
    expect(hub.asked).toHaveLength(asked);
    const [a, b] = [named, plain].map(
      ({ stdout }) => JSON.parse(stdout) as { store: string; embedded: number },
    );
    expect([a!.embedded, b!.embedded]).toEqual([12, 12]);
    expect(a!.store).toContain('fake-owner_tiny-clip-');
    for (const kind of ['img_emb', 'text_emb']) {
      const files = readdirSync(join(a!.store, kind));
      expect(files).toEqual(readdirSync(join(b!.store, kind)));
      expect(files.length).toBeGreaterThan(0);
      for (const file of files)
        expect(
          readFileSync(join(a!.store, kind, file)).equals(readFileSync(join(b!.store, kind, file))),
        ).toBe(true);
    }
  });

  it('is listed after the embedded one, and can be checked', async () => {
    await pull();
    const list = JSON.parse((await runCli('models', 'list', '--json')).stdout);
    expect(list.models).toEqual([
      expect.objectContaining({ name: 'icon-clip', commit: null, folder: embeddedModelFolder() }),
      expect.objectContaining({ name: REPO, commit: COMMIT, folder, variants: [null] }),
    ]);
    const bytes = [...hub.files.values()].reduce((sum, file) => sum + file.length, 0);
    expect(list.models[1].bytes).toBe(bytes);
    expect((await runCli('models', 'list')).stdout).toContain(`${REPO}  c0ffeec0ffee  full  19.9 MB`);
    const checked = await runCli('models', 'check', REPO, '--device', 'cpu', '--json');
    expect(JSON.parse(checked.stdout)).toMatchObject({
      ...{ name: REPO, folder, dim: 256, contextLength: 24, pixels: [64, 64], classes: 684 },
      device: { used: expect.stringMatching(/^cpu/) },
    });
    expect(JSON.parse(checked.stdout).imagesPerSecond).toBeGreaterThan(1);
  });

  it('with a damaged graph fails its check', async () => {
    hub.files.set('onnx/text_model.onnx', Buffer.alloc(2_000_000, 1));
    await pull();
    const checked = await runCli('models', 'check', REPO, '--device', 'cpu');
    expect([checked.code, checked.stdout]).toEqual([1, '']);
    expect(checked.stderr).toContain('text_model.onnx');
  });
});

describe('models over the socket', () => {
  let server: ServerProcess;
  let client: Client;
  beforeEach(async () => {
    server = await startProcess(CLI, () => undefined);
    client = await Client.connect(server.handshake);
  });
  afterEach(async () => {
    client.dispose();
    await server.stop();
  });

  it('are planned without anything of a file being fetched, listed once they are there', async () => {
    const plan = await client.request('planModel', { name: REPO });
    expect(plan).toMatchObject({ ...{ name: REPO, commit: COMMIT, folder }, host: `127.0.0.1:${hub.port}` });
    expect(plan.files.map(({ path }) => path).sort()).toEqual([...CLIP_FILES].sort());
    expect(plan.files.every(({ present }) => !present)).toBe(true);
    expect(plan.missingBytes).toBe(plan.bytes);
    expect(hub.asked.filter(({ path }) => path.includes('/resolve/'))).toEqual([]);
    expect(existsSync(cache)).toBe(false);
    const names = async (): Promise<string[]> =>
      (await client.request('listModels', {})).models.map(({ name }) => name);
    expect(await names()).toEqual(['icon-clip']);

    await client.request('pullModel', { name: REPO });
    expect(await names()).toEqual(['icon-clip', REPO]);
    expect(await client.request('planModel', { name: REPO })).toMatchObject({ missingBytes: 0 });
    // Where another commit is the main one, the name says which this is.
    rmSync(join(folder, '../../refs'), { recursive: true });
    const byCommit = `${REPO}@${COMMIT}`;
    expect(await names()).toEqual(['icon-clip', byCommit]);
    const dataset = await makeDataset(join(scratch, 'by-commit'), 3);
    const inspection = await client.request('inspect', { source: dataset, model: byCommit });
    expect(inspection.model).toBe(byCommit);
  });

  it('are planned while a job runs, and no longer than anybody waits', async () => {
    sendOnly(100_000);
    const [job, plan] = [new CancellationTokenSource(), new CancellationTokenSource()];
    const running = client.request('pullModel', { name: REPO }, { token: job.token });
    running.catch(() => undefined);
    await until(arrived(100_000));
    expect(await client.request('planModel', { name: REPO })).toMatchObject({ name: REPO });

    hub.misbehave = () => true;
    const asked = hub.asked.length;
    const planned = client.request('planModel', { name: REPO }, { token: plan.token });
    planned.catch(() => undefined);
    await until(() => hub.asked.length > asked);
    plan.cancel();
    await expect(planned).rejects.toMatchObject({ data: { code: 'cancelled' } });
    job.cancel();
    await expect(running).rejects.toMatchObject({ data: { code: 'cancelled' } });
  });

  it('are pulled with an answer, and bytes counted', async () => {
    const seen: JobProgress[] = [];
    const pulled = await client.request(
      'pullModel',
      { name: REPO },
      { onProgress: (step) => seen.push(step) },
    );
    expect(pulled).toMatchObject({ name: REPO, folder });
    expect(seen.at(-1)).toMatchObject({
      ...{ stage: 'download', unit: 'bytes', done: pulled.bytes, total: pulled.bytes },
    });
  });

  it('are validated', async () => {
    await expect(client.request('pullModel', { name: REPO, variant: 'int3' as 'fp16' })).rejects.toThrow();
    await expect(client.request('pullModel', { name: 'x/../y' })).rejects.toMatchObject({
      data: { code: 'hub-name' },
    });
  });
});
