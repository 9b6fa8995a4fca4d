import type { TestProject } from 'vitest/node';
import { packExtension } from '../setup/package.js';

declare module 'vitest' {
  interface ProvidedContext {
    vsix: string;
  }
}

/** Packs the extension once, as it is released. */
export default async function setup(project: TestProject): Promise<void> {
  project.provide('vsix', await packExtension());
}
