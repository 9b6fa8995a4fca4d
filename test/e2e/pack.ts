import type { TestProject } from 'vitest/node';
import { packExtension } from '../../.ci/package/vsix.js';
import { testTools } from '../setup/paths.js';

declare module 'vitest' {
  interface ProvidedContext {
    vsix: string;
  }
}

/** Packs the extension once, as it is released. */
export default async function setup(project: TestProject): Promise<void> {
  project.provide('vsix', await packExtension({ into: testTools }));
}
