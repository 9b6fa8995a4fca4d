import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Manifest, RuntimePackage } from './runtimePackages.js';

/** A package whose code goes out with the product: as it is, or inside a bundle. */
export interface ShippedPackage {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  /** Where its files are now. */
  readonly folder: string;
}

/** Written by the bundler: folders of the packages that went into a bundle. */
export const BUNDLED = 'dist/bundled.json';

/** Each package once, by name; `modules` is where the runtime packages are installed. */
export async function shippedPackages(
  root: string,
  modules: string,
  runtime: readonly RuntimePackage[],
): Promise<ShippedPackage[]> {
  const bundled: string[] = JSON.parse(await readFile(path.join(root, BUNDLED), 'utf8'));
  const folders = [
    ...bundled.map((folder) => path.join(root, folder)),
    ...runtime.map(({ folder }) => path.join(modules, folder)),
  ];
  const found = new Map<string, ShippedPackage>();
  for (const folder of folders) {
    const { name, version, license }: Manifest = JSON.parse(
      await readFile(path.join(folder, 'package.json'), 'utf8'),
    );
    if (!name || !version || !license) throw new Error(`${folder} says no name, version or licence`);
    found.set(`${name}@${version}`, { name, version, license, folder });
  }
  return [...found.values()].sort((a, b) => (`${a.name}@${a.version}` < `${b.name}@${b.version}` ? -1 : 1));
}
