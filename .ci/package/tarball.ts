import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { manifestOf, ownFiles, PACKAGES, ROOT } from './contents.js';
import { asPacked, runtimePackages } from './runtimePackages.js';
import { stagePackage } from './stage.js';
import { TARGETS } from './targets.js';

/** What the editor alone asks of a manifest. */
const EDITOR_FIELDS = ['main', 'activationEvents', 'contributes', 'extensionKind', 'capabilities', 'l10n'];

/**
 * Packs the command line for `npm i -g`, and returns the path of the tarball. ONNX Runtime comes along, without its
 * install script: that downloads CUDA libraries from another host than the registry, and the setting that stops it cannot
 * be packed. `clipcov cuda` runs it when it is asked for.
 */
export async function packCommand(root: string = ROOT, into: string = PACKAGES): Promise<string> {
  const manifest = await manifestOf(root);
  const dependencies = { 'onnxruntime-node': manifest.dependencies!['onnxruntime-node']! };
  const packages = await runtimePackages(
    root,
    { dependencies },
    { targets: Object.values(TARGETS), installers: true },
  );
  await mkdir(into, { recursive: true });
  const stage = await mkdtemp(path.join(into, 'stage-'));
  try {
    const own = Object.entries(asPacked(manifest)).filter(([field]) => !EDITOR_FIELDS.includes(field));
    await stagePackage(stage, {
      root,
      modules: root,
      manifest: { ...Object.fromEntries(own), bundleDependencies: Object.keys(dependencies) },
      files: (await ownFiles(root, 'command')).filter((file) => !/^dist\/(extension|webview)\./.test(file)),
      packages,
    });
    const { stdout } = await promisify(execFile)('npm', ['pack', '--json', '--ignore-scripts'], {
      cwd: stage,
      maxBuffer: 1 << 26,
      shell: process.platform === 'win32',
    });
    const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
    const tarball = path.join(into, filename);
    await rename(path.join(stage, filename), tarball);
    return tarball;
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}
