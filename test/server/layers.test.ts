import { readdirSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const SERVER = fileURLToPath(new URL('../../server', import.meta.url));

/** Which folders of the server each folder imports from (docs/architecture.md); protocol is open to all. */
const MAY_IMPORT: Record<string, string[]> = {
  protocol: [],
  rows: [],
  kernels: ['rows'],
  dataset: [],
  selection: ['kernels', 'rows'],
  engine: ['kernels', 'selection'],
  embeddings: ['dataset', 'engine', 'rows'],
  hub: ['embeddings'],
  parallel: ['embeddings', 'engine', 'evaluation', 'kernels', 'rows', 'selection'],
  evaluation: ['kernels', 'rows', 'selection'],
  quality: ['rows', 'selection'],
  projection: ['evaluation', 'rows', 'selection'],
  export: ['rows', 'dataset', 'embeddings', 'selection'],
  pairs: ['dataset', 'embeddings', 'export', 'projection'],
  report: [],
  jobs: [
    'dataset',
    'embeddings',
    'engine',
    'evaluation',
    'export',
    'hub',
    'pairs',
    'parallel',
    'projection',
    'quality',
    'report',
    'rows',
    'selection',
  ],
  cluster: ['dataset', 'embeddings', 'jobs'],
  host: ['jobs'],
  cli: ['cluster', 'embeddings', 'export', 'host', 'hub', 'jobs', 'report', 'selection'],
};
/** The core: no socket, no file, no editor. */
const PURE = ['rows', 'selection', 'evaluation', 'quality', 'report', 'projection'];

const sourcesOf = (folder: string): { file: string; text: string }[] =>
  readdirSync(join(SERVER, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({ file: join(folder, file), text: readFileSync(join(SERVER, folder, file), 'utf8') }));

it('every folder of the server has its place', () => {
  const folders = readdirSync(SERVER, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.map(({ name }) => name).sort()).toEqual(Object.keys(MAY_IMPORT).sort());
});

it.each(Object.entries(MAY_IMPORT))('server/%s imports from where it may', (folder, allowed) => {
  for (const { file, text } of sourcesOf(folder))
    for (const [, path] of text.matchAll(/from '(\.[^']+)'/g)) {
      const [other, ...rest] = normalize(join(file, '..', path!)).split('/');
      if (rest.length > 0 && other !== folder && other !== 'protocol')
        expect(allowed, `${file} imports ${path}`).toContain(other);
    }
});

it.each(PURE)('server/%s opens no file, socket or process', (folder) => {
  for (const { file, text } of sourcesOf(folder))
    expect(text, file).not.toMatch(/from '(node:(fs|net|http|child_process|worker_threads)|vscode|ws)/);
});
