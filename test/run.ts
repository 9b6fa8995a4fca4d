import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { artifacts, root } from './setup/paths.js';

/**
 * `npm test`: builds, checks types and style, installs what the tests need, runs every suite, and ends in one line
 * `N passed, N failed`. A step that fails without counting tests counts as one failed test.
 */
const report = (name: string): string => join(artifacts, `${name}.json`);
const vitest = (name: string, config: string, ...options: string[]): Step => ({
  name,
  command: [
    'npx',
    'vitest',
    'run',
    '--config',
    config,
    ...options,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report(name)}`,
  ],
  counts: () => {
    const { numPassedTests: passed, numFailedTests: failed } = readReport<{
      numPassedTests: number;
      numFailedTests: number;
    }>(name);
    return { passed, failed };
  },
});

interface Step {
  name: string;
  command: string[];
  /** How many tests ran; a step without is a check that passes or fails as one. */
  counts?: () => { passed: number; failed: number };
}

/** Steps of one line run at the same time. */
const steps: Step[][] = [
  [{ name: 'bundle', command: ['npm', 'run', '--silent', 'build:tests'] }],
  [
    { name: 'types', command: ['npx', 'tsc', '-b'] },
    { name: 'style', command: ['npm', 'run', '--silent', 'lint'] },
    // Waits for the network.
    { name: 'install', command: ['npx', 'tsx', 'test/setup/install.ts'] },
    { name: 'demo', command: ['npx', 'tsx', 'test/demo/drawn.ts'] },
  ],
  // Fails below the lines of the core that its configuration asks for.
  [vitest('unit', 'vitest.config.ts', '--coverage')],
  [
    {
      name: 'extension',
      command: ['npx', 'tsx', 'test/extension/runTests.ts'],
      counts: () => readReport('extension'),
    },
    // What asserts a time is its last part, when the other has long ended.
    vitest('e2e', 'test/e2e/vitest.config.ts'),
  ],
];

function readReport<T = { passed: number; failed: number }>(name: string): T {
  return JSON.parse(readFileSync(report(name), 'utf8')) as T;
}

/** Hundreds of programs are started: what one has compiled, the next need not. */
const env = { ...process.env, NODE_COMPILE_CACHE: join(artifacts, 'compiled') };

const wanted = process.argv.slice(2);
let passed = 0;
let failed = 0;

/** Runs a step to its end, which is counted, and says whether it passed. */
async function run(step: Step): Promise<boolean> {
  console.log(`\n── ${step.name} ──`);
  rmSync(report(step.name), { force: true });
  const started = Date.now();
  const [program, ...args] = step.command;
  const child = spawn(program!, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env });
  const status = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('exit', resolve);
  });
  const counted =
    step.counts && existsSync(report(step.name))
      ? step.counts()
      : { passed: status === 0 ? 1 : 0, failed: 0 };
  passed += counted.passed;
  failed += counted.failed + (status !== 0 && counted.failed === 0 ? 1 : 0);
  console.log(
    `── ${step.name}: ${status === 0 ? 'ok' : `failed (${status})`} in ${Math.round((Date.now() - started) / 1000)} s`,
  );
  return status === 0;
}

for (const line of steps) {
  const chosen = line.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
  const went = await Promise.all(chosen.map(run));
  // Nothing that follows means anything without the bundles or the packages.
  if (chosen.some(({ name }, i) => !went[i] && ['bundle', 'install', 'demo'].includes(name))) break;
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
