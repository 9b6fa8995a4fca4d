import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import {
  copyFile,
  link,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createVSIX } from '@vscode/vsce';
import { root, testTools } from './paths.js';
import { asPacked, runtimePackages, type RuntimePackage } from './runtimePackages.js';

/** What is in the extension besides its runtime packages and its manifest. */
const contents = [
  'dist',
  'models',
  'media',
  'l10n',
  'docs',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  'LICENSE.md',
  'LICENSE.txt',
];
const messages = /^package\.nls(\.[\w-]+)?\.json$/;
/** Declarations and test bundles are built into dist/ too; packages bring their sources, but keep their licences. */
const unwanted = [
  /^dist\/(types|test)\//,
  /^node_modules\/.*\.(map|[cm]?ts|cc|h)$/,
  /^node_modules\/.*\/(README|CHANGELOG|HISTORY)(\.\w+)?$/i,
];

/**
 * Packs the tree as it was last built into a .vsix for this platform, with the same tool that packs releases.
 * Returns the earlier package when nothing that goes into it has changed.
 */
export async function packExtension(folder: string = root): Promise<string> {
  const target = `${process.platform}-${process.arch}`;
  const vsix = path.join(testTools, `clipcov-${target}.vsix`);
  const mark = `${vsix}.contents`;
  const manifest = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
  if (!existsSync(path.join(folder, manifest.main))) {
    throw new Error(`${manifest.main} is not there: run \`npm run build\`.`);
  }
  const packages = await runtimePackages(folder, manifest);
  const files = [...(await ownFiles(folder)), ...packages.flatMap(({ files }) => files)].filter(
    (file) => !unwanted.some((pattern) => pattern.test(file)),
  );
  const fingerprint = await fingerprintOf(folder, ['package.json', ...files]);
  if (existsSync(vsix) && (await readFile(mark, 'utf8').catch(() => '')) === fingerprint) return vsix;

  // Aside, and renamed when complete: another run may be using or packing the same file.
  await mkdir(testTools, { recursive: true });
  const stage = await mkdtemp(path.join(testTools, 'stage-'));
  try {
    await writeManifests(stage, manifest, packages);
    await placeFiles(folder, stage, files);
    const packed = path.join(stage, 'packed.vsix');
    await quietly(() =>
      createVSIX({
        cwd: stage,
        packagePath: packed,
        target,
        allowMissingRepository: true,
        // The README's pictures and links lie in the package itself.
        rewriteRelativeLinks: false,
        skipLicense: true,
      }),
    );
    await rm(mark, { force: true });
    await rename(packed, vsix);
    await writeFile(mark, fingerprint);
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
  return vsix;
}

/** By hard links, since the native libraries are large. */
async function placeFiles(folder: string, stage: string, files: readonly string[]): Promise<void> {
  for (const file of files) {
    const [from, to] = [path.join(folder, file), path.join(stage, file)];
    await mkdir(path.dirname(to), { recursive: true });
    await link(from, to).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EXDEV') throw error;
      return copyFile(from, to);
    });
  }
  // Everything staged is wanted, so nothing is to be ignored.
  await writeFile(path.join(stage, '.vscodeignore'), '');
}

async function ownFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  const wanted = names.filter((name) => contents.includes(name) || messages.test(name));
  const listed = await Promise.all(
    wanted.map(async (name) => {
      const full = path.join(folder, name);
      if (!(await stat(full)).isDirectory()) return [name];
      const entries = await readdir(full, { recursive: true, withFileTypes: true });
      return entries
        .filter((entry) => entry.isFile())
        .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
    }),
  );
  return listed.flat();
}

/** Without what only development needs; packages come with just the dependencies that are packed. */
async function writeManifests(
  stage: string,
  manifest: Record<string, unknown>,
  packages: readonly RuntimePackage[],
): Promise<void> {
  await writeFile(path.join(stage, 'package.json'), JSON.stringify(asPacked(manifest), null, 2));
  for (const { folder, manifest } of packages) {
    await mkdir(path.join(stage, folder), { recursive: true });
    await writeFile(path.join(stage, folder, 'package.json'), JSON.stringify(manifest, null, 2));
  }
}

async function fingerprintOf(folder: string, files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of [...files].sort()) {
    const { size, mtimeMs } = await stat(path.join(folder, file));
    hash.update(`${file}\0${size}\0${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

/** The packing tool lists every file on the console. */
async function quietly(work: () => Promise<void>): Promise<void> {
  const { log, warn } = console;
  const lines: unknown[][] = [];
  console.log = console.warn = (...line) => void lines.push(line);
  try {
    await work();
  } catch (error) {
    for (const line of lines) log(...line);
    throw error;
  } finally {
    Object.assign(console, { log, warn });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(await packExtension());
