import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const include = [
  'test/{server,webview,demo,bench,package,slurm,fuzz,faults,soak,mutation,extension/unit}/**/*.test.ts',
];
const timed = ['test/{server,faults}/**/*.timed.test.ts'];
/** What starts nothing and changes nothing of its process: such files share one, and load what they test once. */
const pure = [
  'test/server/{rows,dataset,pairs,selection,evaluation,projection,quality,report,cluster}/**/*.test.ts',
  'test/{webview,extension/unit}/**/*.test.ts',
];
/**
 * The core: the mathematics, the formats and the contract, all that decides what is chosen and what is written. What is left
 * out (jobs, host, cli, cluster, hub) ties it to processes, sockets and networks, and is run by tests as the built
 * program, in processes of its own. Those, and the threads of `parallel`, run bundles: nothing that they do counts here.
 */
const core =
  'server/{rows,kernels,selection,evaluation,quality,report,dataset,embeddings,export,engine,parallel,protocol}/**/*.ts';

/** What takes longest, or waits most: begun last, it would be waited for at the end with nothing beside it. */
const FIRST = ['slurm/cluster', 'cli/webgpu', 'cli/places', 'cli/explain', 'cli/evaluateModel'];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const found = FIRST.findIndex((name) => moduleId.endsWith(`${name}.test.ts`));
      return found < 0 ? FIRST.length : found;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}

export default defineConfig({
  test: {
    testTimeout: 60_000,
    sequence: { sequencer: LongestFirst },
    coverage: {
      include: [core],
      // AssemblyScript, and what only starts a process or a thread: it runs from bundles alone.
      exclude: [
        'server/kernels/simd/**',
        '**/*.d.ts',
        'server/engine/probe.ts',
        'server/parallel/rowWorker.ts',
      ],
      thresholds: { lines: 90 },
      reportOnFailure: true,
      reporter: ['text-summary', 'json-summary'],
      reportsDirectory: 'test/artifacts/coverage',
    },
    projects: [
      // More than there are cores: the cluster's tests wait for most of their time.
      { extends: true, test: { name: 'unit', include, exclude: [...timed, ...pure], maxWorkers: 3 } },
      { extends: true, test: { name: 'pure', include: pure, exclude: timed, isolate: false, maxWorkers: 3 } },
      // What asserts a time runs alone: the work of another file would be measured with it.
      { extends: true, test: { name: 'timed', include: timed, maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
  },
});
