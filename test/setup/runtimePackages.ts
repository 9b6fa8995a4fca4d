import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** A package that the product needs when it runs, as it is packed. */
export interface RuntimePackage {
  /** Relative to the repository. */
  readonly folder: string;
  readonly manifest: Manifest;
  /** Without package.json; relative to the repository. */
  readonly files: readonly string[];
}

/** What only the install scripts of these packages need. */
const installOnly: Readonly<Record<string, readonly string[]>> = {
  'onnxruntime-node': ['adm-zip', 'global-agent'],
};

/** The installed packages that the manifest asks for, with what they ask for, for this platform only. */
export async function runtimePackages(root: string, manifest: Manifest): Promise<RuntimePackage[]> {
  const found = new Map<string, RuntimePackage>();
  const visit = async (from: string, wanted: Manifest): Promise<void> => {
    for (const name of Object.keys({ ...wanted.dependencies, ...wanted.optionalDependencies })) {
      const folder = locate(root, from, name);
      // Native packages of other platforms are not installed.
      if (folder === undefined && wanted.optionalDependencies?.[name] !== undefined) continue;
      if (folder === undefined) throw new Error(`${name} is not installed: run \`npm run setup\`.`);
      if (found.has(folder)) continue;
      const own = await readPackage(root, folder, name);
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

async function readPackage(root: string, folder: string, name: string): Promise<RuntimePackage> {
  const original: Manifest = JSON.parse(await readFile(path.join(root, folder, 'package.json'), 'utf8'));
  const skipped = installOnly[name] ?? [];
  const dependencies = Object.entries(original.dependencies ?? {}).filter(
    ([name]) => !skipped.includes(name),
  );
  const entries = await readdir(path.join(root, folder), { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((file) => file !== `${folder}/package.json` && isForHere(file.slice(folder.length + 1)));
  return {
    folder,
    manifest: { ...asPacked(original), dependencies: Object.fromEntries(dependencies) },
    files,
  };
}

/** A package's own node_modules are packages of their own; onnxruntime-node has the libraries of all platforms. */
function isForHere(file: string): boolean {
  if (file.startsWith('node_modules/')) return false;
  const library = /^bin\/napi-v\d+\/(\w+)\/(\w+)\//.exec(file);
  return library === null || (library[1] === process.platform && library[2] === process.arch);
}
