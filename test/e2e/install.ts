import type { TestProject } from 'vitest/node';
import { installedExtension } from '../setup/installedExtension.js';

declare module 'vitest' {
  interface ProvidedContext {
    extensions: string;
  }
}

/** Packs and installs the extension once, as it is released. */
export default async function setup(project: TestProject): Promise<void> {
  project.provide('extensions', await installedExtension());
}
