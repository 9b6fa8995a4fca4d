import { defineConfig } from 'vitest/config';

const include = ['test/{server,webview,demo,bench,package,slurm,fuzz,faults,extension/unit}/**/*.test.ts'];
const timed = ['test/**/*.timed.test.ts'];

export default defineConfig({
  test: {
    testTimeout: 60_000,
    projects: [
      { extends: true, test: { name: 'unit', include, exclude: timed, maxWorkers: 2 } },
      // What asserts a time runs alone: the work of another file would be measured with it.
      { extends: true, test: { name: 'timed', include: timed, maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
  },
});
