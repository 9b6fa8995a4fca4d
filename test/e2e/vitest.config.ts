import { defineConfig } from 'vitest/config';

/** What needs the built page and a browser alone. */
const page = ['accessibility', 'icons', 'map', 'mapPoints', 'pairs', 'plots', 'report'].map(
  (name) => `test/e2e/${name}.test.ts`,
);

const timed = 'test/e2e/**/*.timed.test.ts';

export default defineConfig({
  test: {
    // A process of its own: what a test starts is taken down by signals, which threads do not get.
    pool: 'forks',
    testTimeout: 180_000,
    hookTimeout: 120_000,
    // A busy machine shows within seconds what an idle one shows at once.
    expect: { poll: { timeout: 10_000 } },
    globalSetup: ['test/e2e/install.ts'],
    projects: [
      { extends: true, test: { name: 'page', include: page, maxWorkers: 2 } },
      {
        extends: true,
        test: {
          name: 'workbench',
          include: ['test/e2e/**/*.test.ts'],
          exclude: [...page, timed],
          // One window at a time: a browser without a GPU and a run of ours leave nothing of two cores.
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
      // What asserts a time runs alone: the work of another window would be measured with it.
      {
        extends: true,
        test: { name: 'timed', include: [timed], maxWorkers: 1, sequence: { groupOrder: 2 } },
      },
    ],
  },
});
