import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Mocha from 'mocha';
import { stackInSources } from './stackInSources.js';

/** The names of the test files; set when the tests are bundled. */
declare const EXTENSION_TESTS: readonly string[];

/** What VS Code calls in its extension host. */
export async function run(): Promise<void> {
  if (EXTENSION_TESTS.length === 0) throw new Error('There are no extension tests.');
  const mocha = new Mocha({
    ui: 'bdd',
    color: true,
    timeout: 60_000,
    forbidOnly: process.env['CI'] !== undefined,
  });
  const pattern = process.env['EXTENSION_TESTS_GREP'];
  if (pattern !== undefined) mocha.grep(new RegExp(pattern));
  for (const name of EXTENSION_TESTS) {
    // Gives the file describe() and it(), as when mocha loads it itself.
    mocha.suite.emit(Mocha.Suite.constants.EVENT_FILE_PRE_REQUIRE, globalThis, name, mocha);
    await import(`./${name}.test.ts`);
  }
  let passed = 0;
  const failures = await new Promise<number>((resolve) => {
    mocha
      .run(resolve)
      .on(Mocha.Runner.constants.EVENT_TEST_PASS, () => passed++)
      .on(Mocha.Runner.constants.EVENT_TEST_FAIL, (_test, error: Error) => {
        error.stack = stackInSources(error.stack);
      });
  });
  // From dist/test, where this is bundled to.
  const artifacts = join(__dirname, '../../test/artifacts');
  mkdirSync(artifacts, { recursive: true });
  writeFileSync(join(artifacts, 'extension.json'), JSON.stringify({ passed, failed: failures }));
  if (failures > 0) throw new Error(`${failures} of the extension tests failed.`);
}
