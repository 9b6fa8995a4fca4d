import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/{server,webview,demo,bench,extension/unit}/**/*.test.ts'],
    testTimeout: 60_000,
    // Two cores: files one after another, so that a timing in one is not another's load.
    fileParallelism: false,
  },
});
