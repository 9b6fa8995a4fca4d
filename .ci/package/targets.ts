/** A platform that an extension package is made for, in VS Code's words and in Node's. */
export interface Target {
  readonly os: 'linux' | 'win32' | 'darwin';
  readonly cpu: 'x64' | 'arm64';
  /** The package may not be larger, in MB (10⁶ bytes): about a tenth above what it was when this was written. */
  readonly budget: number;
}

export type TargetName = `${Target['os']}-${Target['cpu']}`;

/** The platforms that ONNX Runtime, DuckDB and sharp all have libraries for, and that people select on. */
export const TARGETS: Partial<Record<TargetName, Target>> = {
  'linux-x64': { os: 'linux', cpu: 'x64', budget: 77 },
  'linux-arm64': { os: 'linux', cpu: 'arm64', budget: 67 },
  'win32-x64': { os: 'win32', cpu: 'x64', budget: 78 },
  'darwin-arm64': { os: 'darwin', cpu: 'arm64', budget: 86 },
};

/** The target of a name; throws with the names there are. */
export function targetOf(name: string): Target {
  const target = TARGETS[name as TargetName];
  if (target === undefined)
    throw new Error(`No package is made for ${name}; there are ${Object.keys(TARGETS).join(', ')}.`);
  return target;
}

/** What this machine is, in the same words. */
export const HERE = `${process.platform}-${process.arch}`;
