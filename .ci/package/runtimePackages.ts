import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Target } from './targets.js';

export interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** A package that the product needs when it runs, as it is packed. */
export interface RuntimePackage {
  /** Relative to the folder that holds node_modules. */
  readonly folder: string;
  readonly manifest: Manifest;
  /** Without package.json; relative to the same. */
  readonly files: readonly string[];
}

/** What only the install scripts of these packages need. */
const installOnly: Readonly<Record<string, readonly string[]>> = {
  'onnxruntime-node': ['adm-zip', 'global-agent'],
};

export interface Wanted {
  readonly targets: readonly Target[];
  /** Whether `clipcov cuda` can run ONNX Runtime's installer there: an update replaces an extension's folder. */
  readonly installers: boolean;
}

/** The packages installed in `root` that the manifest asks for, with what they ask for; libraries of the targets alone. */
export async function runtimePackages(
  root: string,
  manifest: Manifest,
  wanted: Wanted,
): Promise<RuntimePackage[]> {
  const found = new Map<string, RuntimePackage>();
  const visit = async (from: string, asking: Manifest): Promise<void> => {
    for (const name of Object.keys({ ...asking.dependencies, ...asking.optionalDependencies })) {
      const folder = locate(root, from, name);
      // Native packages of other platforms are not installed.
      if (folder === undefined && asking.optionalDependencies?.[name] !== undefined) continue;
      if (folder === undefined) throw new Error(`${name} is not installed: run \`npm run setup\`.`);
      if (found.has(folder)) continue;
      const own = await readPackage(root, folder, wanted);
      found.set(folder, own);
      await visit(folder, own.manifest);
    }
  };
  await visit('', manifest);
  return [...found.values()];
}

/** A manifest without what only development needs. */
export function asPacked(manifest: Manifest): Manifest {
  const development = ['devDependencies', 'scripts', 'files'];
  return Object.fromEntries(Object.entries(manifest).filter(([field]) => !development.includes(field)));
}

/** Where Node would find a package that the one in the folder imports. */
function locate(root: string, from: string, name: string): string | undefined {
  for (let folder = from; ; folder = path.posix.dirname(folder)) {
    const candidate = path.posix.join(folder === '.' ? '' : folder, 'node_modules', name);
    if (existsSync(path.join(root, candidate, 'package.json'))) return candidate;
    if (folder === '' || folder === '.') return undefined;
  }
}

async function readPackage(
  root: string,
  folder: string,
  { targets, installers }: Wanted,
): Promise<RuntimePackage> {
  const original: Manifest = JSON.parse(await readFile(path.join(root, folder, 'package.json'), 'utf8'));
  const skipped = installers ? [] : (installOnly[original.name!] ?? []);
  const dependencies = Object.entries(original.dependencies ?? {}).filter(
    ([name]) => !skipped.includes(name),
  );
  const entries = await readdir(path.join(root, folder), { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((file) => file !== `${folder}/package.json` && isWanted(file.slice(folder.length + 1), targets));
  return {
    folder,
    manifest: { ...asPacked(original), dependencies: Object.fromEntries(dependencies) },
    files,
  };
}

/** Packages bring their sources along; their licences stay. So does what `clipcov cuda` runs of ONNX Runtime's. */
const unwanted = [
  /\.(map|[cm]?ts|cc|h)$/,
  /(^|\/)(README|CHANGELOG|HISTORY)(\.\w+)?$/i,
  // The same library twice; the binding loads the one without the full version.
  /\/libonnxruntime\.\d+\.\d+\.\d+\.dylib$/,
];

/** A package's own node_modules are packages of their own; onnxruntime-node has the libraries of all platforms. */
function isWanted(file: string, targets: readonly Target[]): boolean {
  if (file.startsWith('node_modules/') || unwanted.some((pattern) => pattern.test(file))) return false;
  const library = /^bin\/napi-v\d+\/(\w+)\/(\w+)\//.exec(file);
  return library === null || targets.some(({ os, cpu }) => library[1] === os && library[2] === cpu);
}
