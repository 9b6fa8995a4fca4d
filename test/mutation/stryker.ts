import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Stryker } from '@stryker-mutator/core';
import { artifacts, root } from '../setup/paths.js';

/** One change of the code and what became of it. */
export interface Mutant {
  /** From the root of the repository. */
  file: string;
  line: number;
  /** The line as changed, which names the mutant wherever it moves. */
  changed: string;
  status: Awaited<ReturnType<Stryker['runMutationTest']>>[number]['status'];
}

type LogLevel = NonNullable<NonNullable<ConstructorParameters<typeof Stryker>[0]>['logLevel']>;

export interface Mutation {
  /** Files, or lines of them as `file:first-last`. */
  mutate: string[];
  /** The test files that are to find the mutants. */
  tests: string[];
  /** Names the file of results by which the next run tests only what changed; none where absent. */
  remembered?: string;
  /** Milliseconds beyond one and a half times the tests' own time: what takes longer is taken for endless. */
  patience?: number;
  /** Whether it says on the console how far it is. */
  loud?: boolean;
}

const folder = join(artifacts, 'mutation');

/** Changes the code one place at a time, in a copy, and runs the tests that come by each place. */
export async function mutate({
  mutate,
  tests,
  remembered,
  patience = 4_000,
  loud = false,
}: Mutation): Promise<Mutant[]> {
  mkdirSync(folder, { recursive: true });
  // For the process that runs the tests: there `vitest` is ours.
  process.env['TSX_TSCONFIG_PATH'] = 'test/mutation/tsconfig.json';
  const results = await new Stryker({
    mutate,
    testRunner: 'mocha',
    mochaOptions: { spec: tests, 'no-config': true },
    testRunnerNodeArgs: ['--import', 'tsx'],
    plugins: ['@stryker-mutator/mocha-runner'],
    coverageAnalysis: 'perTest',
    // What runs once, as a module is loaded, would need a process for each mutant: tables of names and texts.
    ignoreStatic: true,
    concurrency: 2,
    // A loop without end is found by the count of its rounds; the clock is for what is left, on a busy machine.
    timeoutMS: patience,
    timeoutFactor: 1.5,
    dryRunTimeoutMinutes: 20,
    ...(remembered && { incremental: true, incrementalFile: join(folder, `${remembered}.json`) }),
    // Of its own, since Stryker removes the whole.
    tempDirName: mkdtempSync(join(folder, 'copy-')),
    // The copy needs the sources, the tests and the kernels, not what is built, drawn or downloaded.
    ignorePatterns: [
      ...['.vscode-test', 'test/demo/data', 'test/artifacts', 'models', 'docs', 'extension', 'webview'],
      ...['dist/*', '!dist/kernels.wasm', '*.vsix', '*.tgz'],
    ],
    reporters: loud ? ['progress-append-only'] : [],
    // Their names are an enumeration that exists for the compiler only.
    logLevel: (loud ? 'info' : 'error') as LogLevel,
    allowConsoleColors: false,
  }).runMutationTest();
  return results.map(({ fileName, location, replacement, status }) => {
    const file = relative(root, fileName);
    const { start, end } = location;
    const lines = readFileSync(join(root, file), 'utf8').split('\n');
    const before = lines[start.line - 1]!;
    // A mutant that was ignored may have no replacement.
    const after =
      before.slice(0, start.column - 1) + (replacement ?? '') + lines[end.line - 1]!.slice(end.column - 1);
    const [from, changed] = [before, after].map((line) => line.replace(/\s+/g, ' ').trim());
    // A line that says little is told by what it was.
    return {
      file,
      line: start.line,
      changed: changed!.length < 20 ? `${from} → ${changed}` : changed!,
      status,
    };
  });
}
