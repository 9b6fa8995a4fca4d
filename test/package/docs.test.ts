import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../setup/paths.js';

it('what the docs name is there', () => {
  const docs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  for (const doc of docs) {
    const text = readFileSync(join(root, 'docs', doc), 'utf8');
    for (const [, path] of text.matchAll(/`((?:test|server|extension|webview|\.ci)\/[\w./-]+\.\w+)`/g))
      expect(existsSync(join(root, path!)), `${doc}: ${path}`).toBe(true);
  }
});
