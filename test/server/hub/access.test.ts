import { describe, expect, it } from 'vitest';
import { hubAccess, isOffline, mayAsk } from '../../../server/hub/access.js';
import { hubName, parseHubName, writeHubName } from '../../../server/hub/hubName.js';

const { signal } = new AbortController();

describe('a name of the hub', () => {
  it.each([
    ['a/b', { repo: 'a/b', revision: 'main', variant: null }],
    ['Own_er/n.a-me@v1.0', { repo: 'Own_er/n.a-me', revision: 'v1.0', variant: null }],
    ['a/b@refs/pr/1:fp16', { repo: 'a/b', revision: 'refs/pr/1', variant: 'fp16' }],
    ['a/b:quantized', { repo: 'a/b', revision: 'main', variant: 'quantized' }],
  ])('%s is read and written alike', (text, name) => {
    expect(parseHubName(text)).toEqual(name);
    expect(writeHubName(parseHubName(text)!)).toBe(text);
  });

  it.each([
    ...[
      'b',
      'a/b/c',
      '/a/b',
      './b',
      '../b',
      'a/..',
      'a/.b',
      'a--b/c',
      'a/b.',
      'a\\b/c',
      'C:/b',
      'a/b@',
      'a/b:int4',
    ],
    ...['a/b@../x', 'a/b@x//y', 'a/b@/x', 'a/b@x/.git', 'a/b@x y', 'a/b\n', 'a/b%2f'],
  ])('%j is none', (text) => {
    expect(parseHubName(text)).toBeNull();
    expect(() => hubName(text)).toThrow(expect.objectContaining({ code: 'hub-name' }));
  });

  it('takes revision and variant beside it, and refuses a revision that is a path', () => {
    expect(hubName('a/b@old', 'new', 'fp16')).toEqual({ repo: 'a/b', revision: 'new', variant: 'fp16' });
    expect(() => hubName('a/b', '../../x')).toThrow(expect.objectContaining({ code: 'hub-name' }));
  });
});

describe('the environment', () => {
  it.each([
    ['http://hub.example'],
    ['ftp://127.0.0.1'],
    ['https://user:word@hub.example'],
    ['hub.example'],
    ['https://hub.example/?x=1'],
  ])('may not name %s as the endpoint', (endpoint) => {
    expect(() => hubAccess(signal, { HF_ENDPOINT: endpoint })).toThrow(
      expect.objectContaining({ code: 'hub-endpoint' }),
    );
  });

  it('gives endpoint and token', () => {
    expect(hubAccess(signal, {})).toMatchObject({ token: null, stallMs: 30_000 });
    expect(hubAccess(signal, {}).endpoint.href).toBe('https://huggingface.co/');
    const mirror = hubAccess(signal, { HF_ENDPOINT: 'http://localhost:81/mirror/', HF_TOKEN: ' hf_x\n' });
    expect([mirror.endpoint.href, mirror.token]).toEqual(['http://localhost:81/mirror/', 'hf_x']);
  });

  it('never prints a token that cannot be sent', () => {
    const bad = (): unknown => hubAccess(signal, { HF_TOKEN: 'hf_sec\nret' });
    expect(bad).toThrow(
      expect.objectContaining({ code: 'hub-token', fix: expect.not.stringContaining('hf_sec') }),
    );
    expect(bad).toThrow(expect.objectContaining({ message: expect.not.stringContaining('hf_sec') }));
  });

  it.each([
    ['1', true],
    ['TRUE', true],
    ['0', false],
    [undefined, false],
  ])('HF_HUB_OFFLINE=%s', (value, offline) => {
    expect(isOffline({ HF_HUB_OFFLINE: value })).toBe(offline);
  });
});

describe('an address that the hub redirects to', () => {
  const may = (endpoint: string, url: string): boolean =>
    mayAsk({ endpoint: new URL(endpoint) }, new URL(url));
  it.each([
    ['https://huggingface.co', 'https://cdn.example/x', true],
    ['https://huggingface.co', 'http://cdn.example/x', false],
    ['https://huggingface.co', 'https://127.0.0.1/x', false],
    ['https://huggingface.co', 'http://localhost:8080/x', false],
    ['https://huggingface.co', 'file:///etc/passwd', false],
    ['https://huggingface.co', 'https://a:b@cdn.example/x', false],
    ['http://127.0.0.1:8080', 'http://localhost:81/x', true],
    ['http://127.0.0.1:8080', 'http://cdn.example/x', false],
  ])('of %s to %s', (endpoint, url, allowed) => expect(may(endpoint, url)).toBe(allowed));
});
