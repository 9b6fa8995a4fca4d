import {
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { RepoCache } from '../../../server/hub/cache.js';
import { Cancelled } from '../../../server/errors.js';
import { scratchFolder } from '../cli.js';
import { blobOf, COMMIT, FakeHub, REPO, type Misbehaviour } from './fakeHub.js';
import { failure, pullFrom, TOKEN } from './pulling.js';

const TEXT = 'onnx/text_model.onnx';
const scratch = scratchFolder();
let hub: FakeHub;
let cache: string;
let number = 0;
beforeEach(async () => {
  hub = await FakeHub.start();
  cache = join(scratch, String(number++));
});

const content = (path = TEXT): Buffer => hub.files.get(path)!;
const snapshot = (): string => new RepoCache(cache, REPO).snapshot(COMMIT);
const incomplete = (path = TEXT): string =>
  join(new RepoCache(cache, REPO).blobs, `${blobOf(content(path))}.incomplete`);
const expectWhole = (): void => {
  for (const [path, bytes] of hub.files)
    expect(readFileSync(join(snapshot(), path)).equals(bytes), path).toBe(true);
};
const begun = (bytes: Buffer): void => {
  mkdirSync(dirname(incomplete()), { recursive: true });
  writeFileSync(incomplete(), bytes);
};
/** Misbehaves on the text tower, the first `times` times. */
const onText = (times: number, act: (response: ServerResponse, turn: number) => void): Misbehaviour => {
  let turn = 0;
  return (_, response, path) => {
    if (!path.endsWith(TEXT) || turn >= times) return false;
    act(response, turn++);
    return true;
  };
};
const sent = (): number => hub.fetches(TEXT).reduce((sum, asked) => sum + asked.sent, 0);

describe('a pull', () => {
  it('fetches every file once, and nothing the second time', async () => {
    const seen: [number, number, number][] = [];
    const plan = await pullFrom(hub, cache, {
      onProgress: (done, total) => seen.push([done, total, performance.now()]),
    });
    expectWhole();
    expect(seen.at(-1)!.slice(0, 2)).toEqual([plan.bytes, plan.bytes]);
    seen.slice(1, -1).forEach(([, , at], i) => expect(at - seen[i]![2]).toBeGreaterThan(190));
    const asked = hub.asked.length;
    expect((await pullFrom(hub, cache)).missingBytes).toBe(0);
    expect(hub.asked.length - asked).toBe(2);
  });

  it('goes on where an earlier one ended', async () => {
    begun(content().subarray(0, 5_000_000));
    await pullFrom(hub, cache);
    expectWhole();
    expect(hub.fetches(TEXT).map(({ headers }) => headers.range)).toEqual(['bytes=5000000-']);
    expect(sent()).toBe(content().length - 5_000_000);
    expect(existsSync(incomplete())).toBe(false);
  });

  it('asks for nothing more where all bytes are there, and verifies them', async () => {
    begun(content());
    await pullFrom(hub, cache);
    expectWhole();
    expect(sent()).toBe(0);
  });

  it('starts anew where the server ignores the range', async () => {
    hub.honoursRange = false;
    begun(Buffer.alloc(5_000_000, 7));
    await pullFrom(hub, cache);
    expectWhole();
    expect(sent()).toBe(content().length);
  });

  it.each([
    ['answers 416', (response: ServerResponse) => response.writeHead(416).end()],
    [
      'has other content now',
      (response: ServerResponse) =>
        response
          .writeHead(206, {
            etag: `"${'e'.repeat(64)}"`,
            'content-range': `bytes 1000-${content().length - 1}/${content().length}`,
          })
          .end(content().subarray(1000)),
    ],
    [
      'sends another range',
      (response: ServerResponse) =>
        response
          .writeHead(206, { 'content-range': `bytes 0-${content().length - 1}/${content().length}` })
          .end(content()),
    ],
  ])('starts anew where the server %s', async (_, act) => {
    begun(Buffer.alloc(1000, 7));
    hub.misbehave = onText(1, act);
    await pullFrom(hub, cache);
    expectWhole();
    expect(hub.fetches(TEXT).map(({ headers }) => headers.range)).toEqual(['bytes=1000-', undefined]);
  });

  it('starts anew where more is there than the file has', async () => {
    begun(Buffer.alloc(content().length + 1, 7));
    await pullFrom(hub, cache);
    expectWhole();
  });
});

describe('a disk', () => {
  it.skipIf(!existsSync('/dev/full'))('that is full says so, and what to do', async () => {
    mkdirSync(dirname(incomplete()), { recursive: true });
    symlinkSync('/dev/full', incomplete());
    const error = await failure(pullFrom(hub, cache));
    expect(error).toMatchObject({ code: 'cannot-write', where: incomplete() });
    expect(error.said).toContain('the disk is full');
    expect(error.said).toContain('HF_HUB_CACHE');
  });

  it('whose cache is a file says so', async () => {
    writeFileSync(cache, '');
    expect((await failure(pullFrom(hub, cache))).code).toBe('cannot-write');
  });
});

describe('a connection that breaks', () => {
  const breakOff = (bytes: number) => (response: ServerResponse) => {
    response.writeHead(200, { 'content-length': content().length });
    response.write(content().subarray(0, bytes), () => setTimeout(() => response.destroy(), 50));
  };

  it('is taken up again where it broke', async () => {
    const broken = onText(1, breakOff(3_000_000));
    // What was on its way when the connection broke may or may not be written.
    let kept: number | undefined;
    hub.misbehave = (request, response, path) => {
      if (path.endsWith(TEXT) && request.headers.range) kept ??= statSync(incomplete()).size;
      return broken(request, response, path);
    };
    await pullFrom(hub, cache);
    expectWhole();
    expect(kept).toBeGreaterThan(1_000_000);
    expect(hub.fetches(TEXT)[1]!.headers.range).toBe(`bytes=${kept}-`);
  });

  it('three times is a failure that keeps what came', async () => {
    hub.misbehave = (request, response, path) => {
      if (!path.endsWith(TEXT)) return false;
      const from = Number(/\d+/.exec(request.headers.range ?? '0')![0]);
      response.writeHead(from ? 206 : 200, {
        'content-length': content().length - from,
        ...(from ? { 'content-range': `bytes ${from}-${content().length - 1}/${content().length}` } : {}),
      });
      response.write(content().subarray(from, from + 100_000), () =>
        setTimeout(() => response.destroy(), 50),
      );
      return true;
    };
    const error = await failure(pullFrom(hub, cache));
    expect(error.code).toBe('hub-unreachable');
    expect(error.said).toContain('kept');
    expect(statSync(incomplete()).size).toBe(300_000);
    expect(existsSync(join(snapshot(), TEXT))).toBe(false);
  });

  it('without a word (a body that only ends) is told by its length', async () => {
    hub.misbehave = onText(3, (response) => response.writeHead(200).end(content().subarray(0, 1000)));
    // The second and third time 200 answers a range, so each starts anew.
    const error = await failure(pullFrom(hub, cache));
    expect(error.code).toBe('hub-truncated');
    expect(error.said).toContain(`1000 of the ${content().length} bytes`);
  });

  it('or stalls is given up in time, each time', async () => {
    hub.misbehave = onText(9, (response) => {
      response.writeHead(200, { 'content-length': content().length });
      response.write(content().subarray(0, 1000));
    });
    const start = performance.now();
    const error = await failure(pullFrom(hub, cache));
    expect(error).toMatchObject({ code: 'hub-stalled' });
    expect(error.said).toContain('0.4 s');
    expect(performance.now() - start).toBeGreaterThan(1200);
    expect(performance.now() - start).toBeLessThan(3000);
    expect(hub.fetches(TEXT)).toHaveLength(3);
  });

  it('or is slow but alive is not given up', async () => {
    const slice = 2_500_000;
    hub.misbehave = onText(1, (response) => {
      response.writeHead(200, { 'content-length': content().length });
      const next = (at: number): void => {
        response.write(content().subarray(at, at + slice));
        if (at + slice >= content().length) response.end();
        else setTimeout(() => next(at + slice), 250);
      };
      next(0);
    });
    await pullFrom(hub, cache);
    expectWhole();
    expect(hub.fetches(TEXT)).toHaveLength(1);
  });

  it('stops within a second of a cancellation, and keeps what came', async () => {
    const controller = new AbortController();
    let asked = 0;
    hub.misbehave = onText(1, (response) => {
      response.writeHead(200, { 'content-length': content().length });
      response.write(content().subarray(0, 400_000));
      setTimeout(() => {
        asked = performance.now();
        controller.abort(new Cancelled());
      }, 200);
    });
    expect(await failure(pullFrom(hub, cache, { signal: controller.signal }))).toMatchObject({
      code: 'cancelled',
    });
    expect(performance.now() - asked).toBeLessThan(500);
    expect(statSync(incomplete()).size).toBe(400_000);
  });
});

describe('content that is not what the hub lists', () => {
  const swapped = (path: string): Buffer => {
    const bytes = Buffer.from(content(path));
    [bytes[10], bytes[11]] = [bytes[11]!, bytes[10]!];
    return bytes;
  };

  it.each([
    [TEXT, 'sha256'],
    ['tokenizer.json', 'git-sha1'],
  ])('is refused and removed: %s by its %s', async (path, algorithm) => {
    hub.misbehave = (request, response, asked) =>
      asked.endsWith(`/${path}`) ? hub.send(request, response, swapped(path), blobOf(content(path))) : false;
    const error = await failure(pullFrom(hub, cache));
    expect(error).toMatchObject({
      code: 'hub-checksum',
      where: `${hub.endpoint}/${REPO}/resolve/${COMMIT}/${path}`,
    });
    expect(error.said).toContain(algorithm);
    expect(error.said).toContain('removed');
    expect(existsSync(incomplete(path))).toBe(false);
    expect(existsSync(incomplete(path).replace('.incomplete', ''))).toBe(false);
    hub.misbehave = () => false;
    await pullFrom(hub, cache);
    expectWhole();
  });

  it('is found in what an earlier run left, too', async () => {
    begun(swapped(TEXT).subarray(0, 1000));
    expect((await failure(pullFrom(hub, cache))).code).toBe('hub-checksum');
    await pullFrom(hub, cache);
    expectWhole();
  });

  it('or is longer is refused', async () => {
    hub.misbehave = onText(1, (response) =>
      response.writeHead(200).end(Buffer.concat([content(), Buffer.from('x')])),
    );
    expect((await failure(pullFrom(hub, cache))).code).toBe('hub-changed');
  });

  it('in the cache is fetched again where its length is wrong', async () => {
    await pullFrom(hub, cache);
    truncateSync(join(snapshot(), TEXT), 1000);
    expect((await pullFrom(hub, cache)).missingBytes).toBe(content().length);
    expectWhole();
  });
});

describe('a file that lies on another host', () => {
  it('is fetched without the token, which then stays away', async () => {
    const arrived: { url: string; authorization: string | undefined }[] = [];
    const store = createServer((request, response) => {
      arrived.push({ url: request.url!, authorization: request.headers.authorization });
      const path = request.url!.split('?')[0]!.split(`${COMMIT}/`)[1]!;
      hub.send(request, response, content(path), 'an-etag-of-the-store');
    });
    await new Promise<void>((resolve) => store.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void store.close());
    // The same name, another port: another host all the same.
    hub.store = `http://127.0.0.1:${(store.address() as AddressInfo).port}`;
    begun(content().subarray(0, 1000));
    await pullFrom(hub, cache);
    expectWhole();
    expect(arrived).toHaveLength(2);
    expect(arrived.every(({ authorization }) => authorization === undefined)).toBe(true);
    expect(hub.asked.every(({ headers }) => headers.authorization === `Bearer ${TOKEN}`)).toBe(true);

    const back = createServer((_, response) =>
      response.writeHead(302, { location: `${hub.endpoint}/back` }).end(),
    );
    await new Promise<void>((resolve) => back.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void back.close());
    hub.store = `http://127.0.0.1:${(back.address() as AddressInfo).port}`;
    cache = join(scratch, 'back');
    await failure(pullFrom(hub, cache));
    expect(hub.asked.find(({ path }) => path === '/back')!.headers.authorization).toBeUndefined();
  });

  it('that refuses is named without the signature of its address', async () => {
    hub.store = hub.endpoint.replace('127.0.0.1', 'localhost');
    hub.misbehave = (request, response) =>
      request.headers.host!.startsWith('localhost') ? response.writeHead(403).end() : false;
    const error = await failure(pullFrom(hub, cache));
    expect(error.code).toBe('hub-failed');
    expect(error.said).toContain('http://localhost:');
    expect(error.said).not.toContain('signature');
  });
});
