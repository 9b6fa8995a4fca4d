import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createVSIX } from '@vscode/vsce';
import { manifestOf, ownFiles, PACKAGES, ROOT } from './contents.js';
import { asPacked, runtimePackages } from './runtimePackages.js';
import { stagePackage } from './stage.js';
import { HERE, targetOf } from './targets.js';

export interface VsixOptions {
  /** One of TARGETS; what this machine is otherwise. */
  readonly target?: string;
  /** The repository, as last built. */
  readonly root?: string;
  /** The folder whose node_modules have the target's native packages; the repository otherwise. */
  readonly modules?: string;
  /** Where the package comes to lie. */
  readonly into?: string;
}

/**
 * Packs the tree as it was last built into a .vsix for one platform, and returns its path. An earlier package stays when
 * nothing that goes into it has changed. Throws when it is larger than the target's budget.
 */
export async function packExtension({
  target = HERE,
  root = ROOT,
  modules = root,
  into = PACKAGES,
}: VsixOptions = {}): Promise<string> {
  const { budget, ...platform } = targetOf(target);
  const manifest = await manifestOf(root);
  if (!existsSync(path.join(root, manifest.main)))
    throw new Error(`${manifest.main} is not there: run \`npm run build\`.`);
  const packages = await runtimePackages(modules, manifest, {
    targets: [{ ...platform, budget }],
    installers: false,
  });
  const files = await ownFiles(root, 'extension');
  const vsix = path.join(into, `clipcov-${target}.vsix`);
  const mark = `${vsix}.contents`;
  const fingerprint = await fingerprintOf([
    ...['package.json', ...files].map((file) => path.join(root, file)),
    ...packages.flatMap(({ files }) => files).map((file) => path.join(modules, file)),
  ]);
  if (existsSync(vsix) && (await readFile(mark, 'utf8').catch(() => '')) === fingerprint) return vsix;

  // Aside, and renamed when complete: another run may be using or packing the same file.
  await mkdir(into, { recursive: true });
  const stage = await mkdtemp(path.join(into, 'stage-'));
  try {
    await stagePackage(stage, { root, modules, manifest: asPacked(manifest), files, packages });
    // Everything staged is wanted, so nothing is to be ignored.
    await writeFile(path.join(stage, '.vscodeignore'), '');
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
    const { size } = await stat(packed);
    if (size > budget * 1e6)
      throw new Error(`${target}: ${(size / 1e6).toFixed(1)} MB, which is above the budget of ${budget} MB`);
    await rm(mark, { force: true });
    await rename(packed, vsix);
    await writeFile(mark, fingerprint);
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
  return vsix;
}

async function fingerprintOf(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of [...files].sort()) {
    const { size, mtimeMs } = await stat(file);
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
