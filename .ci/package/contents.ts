import { copyFile, link, mkdir, readFile, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Manifest } from './runtimePackages.js';

/** The repository. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');

/** Where finished packages lie. */
export const PACKAGES = path.join(ROOT, 'dist/packages');

/** What both kinds of package hold of the repository, besides the manifest. */
const COMMON = ['dist', 'models', 'README.md', 'LICENSE'];
/** What only the editor reads; the README's pictures are there for its extension page. */
const EDITOR = ['media', 'l10n', 'docs', 'CHANGELOG.md'];
const MESSAGES = /^package\.nls(\.[\w-]+)?\.json$/;
/** Built into dist/ for development, or read by tests alone. */
const UNWANTED = [/^dist\/(types|test|packages)\//, /\.map$/, /^models\/icon-clip\/heldout\.jsonl$/];

export async function manifestOf(root: string): Promise<Manifest & { main: string }> {
  return JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
}

/** Files of the repository that go into an extension, or into the command line's package; relative to it. */
export async function ownFiles(root: string, kind: 'extension' | 'command'): Promise<string[]> {
  const wanted = (await readdir(root)).filter(
    (name) =>
      COMMON.includes(name) || (kind === 'extension' && (EDITOR.includes(name) || MESSAGES.test(name))),
  );
  const listed = await Promise.all(
    wanted.map(async (name) =>
      (await stat(path.join(root, name))).isDirectory() ? filesOf(root, name) : [name],
    ),
  );
  return listed.flat().filter((file) => !UNWANTED.some((pattern) => pattern.test(file)));
}

async function filesOf(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(path.join(root, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
}

/** Brings files to the same places of another folder, by hard links, since the native libraries are large. */
export async function placeFiles(from: string, to: string, files: readonly string[]): Promise<void> {
  for (const file of files) {
    const [source, target] = [path.join(from, file), path.join(to, file)];
    await mkdir(path.dirname(target), { recursive: true });
    await link(source, target).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EXDEV') throw error;
      return copyFile(source, target);
    });
  }
}
