import { defineConfig } from 'vitest/config';

/** What needs the built page and a browser alone. */
const page = ['accessibility', 'icons', 'map', 'mapPoints', 'pairs', 'plots', 'report'].map(
  (name) => `test/e2e/${name}.test.ts`,
);

export default defineConfig({
  test: {
    // A process of its own: what a test starts is taken down by signals, which threads do not get.
    pool: 'forks',
    testTimeout: 180_000,
    hookTimeout: 120_000,
    projects: [
      { extends: true, test: { name: 'page', include: page, maxWorkers: 2 } },
      {
        extends: true,
        test: {
          name: 'workbench',
          include: ['test/e2e/**/*.test.ts'],
          exclude: page,
          globalSetup: ['test/e2e/pack.ts'],
          // One window at a time: what is done by hand is waited for by hand.
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
