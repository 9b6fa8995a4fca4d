import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../../setup/paths.js';
import { messagesIn, untranslatedIn } from './messages.js';

const FOLDERS = ['extension', 'webview'];
/** Names of products, formats and methods, and what a page's policy is made of. */
const SAME_IN_EVERY_LANGUAGE = new Set([
  ...['OpenCLIP CSV', 'CyCLIP CSV', 'Hugging Face imagefolder', 'Parquet', 'Core ML'],
  'img-src data:',
]);

const read = (file: string): Record<string, string> =>
  JSON.parse(readFileSync(join(root, file), 'utf8')) as Record<string, string>;
const placeholders = (text: string): string[] =>
  [...text.matchAll(/\{\d+\}/g)].map(([whole]) => whole).sort();
/** What must be the same in a translation of the manifest: commands, code, and settings that are named. */
const fixed = (text: string): string[] =>
  [...text.matchAll(/`[^`]*`|\(command:[^)]*\)/g)].map(([whole]) => whole).sort();

describe('the extension and its pages in German', () => {
  const { messages, computed } = messagesIn(FOLDERS);
  const german = read('l10n/bundle.l10n.de.json');

  it('has a translation of every text, and none of a text that is gone', () => {
    expect(computed).toEqual([]);
    expect(Object.keys(german).sort()).toEqual([...new Set(messages.map(({ text }) => text))].sort());
  });

  it('loses no placeholder', () => {
    for (const [english, text] of Object.entries(german)) {
      expect(text.trim(), english).not.toBe('');
      expect(placeholders(text), english).toEqual(placeholders(english));
    }
  });

  it('says the same in the manifest, with the same commands and names', () => {
    const [english, translated] = [read('package.nls.json'), read('package.nls.de.json')];
    expect(Object.keys(translated).sort()).toEqual(Object.keys(english).sort());
    for (const [key, text] of Object.entries(english))
      expect(fixed(translated[key]!), key).toEqual(fixed(text));
  });

  it('has every text that the manifest names', () => {
    const named = [...readFileSync(join(root, 'package.json'), 'utf8').matchAll(/"%([\w.]+)%"/g)].map(
      ([, key]) => key!,
    );
    expect([...new Set(named)].sort()).toEqual(Object.keys(read('package.nls.json')).sort());
  });
});

/** Parts that know no editor, and so speak English as the server does; and code of the GPU. */
const ENGLISH = /^extension\/server\/(client|process)|^webview\/map\/shaders/;

it('leaves no text of the extension or its pages untranslated', () => {
  const found = untranslatedIn(FOLDERS).filter(
    ({ text, where }) => !SAME_IN_EVERY_LANGUAGE.has(text) && !ENGLISH.test(where),
  );
  expect(found.map(({ where, text }) => `${where} ${text}`)).toEqual([]);
});
