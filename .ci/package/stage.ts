import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { placeFiles } from './contents.js';
import { NOTICES, thirdPartyNotices } from './notices.js';
import type { RuntimePackage } from './runtimePackages.js';
import { SBOM, billOfMaterials } from './sbom.js';
import { shippedPackages } from './shipped.js';

export interface Staged {
  /** The repository, as last built. */
  readonly root: string;
  /** The folder whose node_modules hold the runtime packages. */
  readonly modules: string;
  readonly manifest: object;
  readonly files: readonly string[];
  /** Packages whose files come along. */
  readonly packages: readonly RuntimePackage[];
}

/** Lays out a package in an empty folder: manifest, files, packages, their licences and the bill of materials. */
export async function stagePackage(
  stage: string,
  { root, modules, manifest, files, packages }: Staged,
): Promise<void> {
  await writeFile(path.join(stage, 'package.json'), JSON.stringify(manifest, null, 2));
  for (const { folder, manifest } of packages) {
    await mkdir(path.join(stage, folder), { recursive: true });
    await writeFile(path.join(stage, folder, 'package.json'), JSON.stringify(manifest, null, 2));
  }
  await placeFiles(root, stage, files);
  await placeFiles(
    modules,
    stage,
    packages.flatMap(({ files }) => files),
  );
  const shipped = await shippedPackages(root, modules, packages);
  await writeFile(path.join(stage, NOTICES), await thirdPartyNotices(shipped));
  await writeFile(path.join(stage, SBOM), await billOfMaterials(root, shipped));
}
