import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ShippedPackage } from './shipped.js';

export const SBOM = 'sbom.cdx.json';

interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
}

interface Bom {
  metadata: { component: Component; timestamp?: string };
  serialNumber?: string;
  components: Component[];
  dependencies: { ref: string; dependsOn: string[] }[];
}

/**
 * CycloneDX as npm makes it of the lockfile, less what is not shipped, and less time and serial number: the same package
 * has the same list.
 */
export async function billOfMaterials(root: string, packages: readonly ShippedPackage[]): Promise<string> {
  const { stdout } = await promisify(execFile)(
    'npm',
    ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx'],
    { cwd: root, maxBuffer: 1 << 28, shell: process.platform === 'win32' },
  );
  const bom = JSON.parse(stdout) as Bom;
  const shipped = new Set(packages.map(({ name, version }) => `${name}@${version}`));
  const listed = bom.components.filter(({ name, version }) => shipped.has(`${name}@${version}`));
  const missing = [...shipped].filter(
    (one) => !listed.some(({ name, version }) => `${name}@${version}` === one),
  );
  if (missing.length > 0) throw new Error(`not in the lockfile: ${missing.join(', ')}`);
  const refs = new Set([...listed, bom.metadata.component].map((component) => component['bom-ref']));
  delete bom.serialNumber;
  delete bom.metadata.timestamp;
  bom.components = listed;
  bom.dependencies = bom.dependencies
    .filter(({ ref }) => refs.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((one) => refs.has(one)) }));
  return `${JSON.stringify(bom, null, 2)}\n`;
}
