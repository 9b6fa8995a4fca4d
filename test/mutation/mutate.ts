import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { artifacts } from '../setup/paths.js';
import { equivalent } from './equivalent.js';
import { mutate, type Mutant } from './stryker.js';
import { targets } from './targets.js';

/**
 * `npm run mutate`, or with the names of targets: changes the core one place at a time and counts which changes its tests
 * find. Fails where one survives that `equivalent.ts` does not explain.
 */
const wanted = process.argv.slice(2);
let unexplained = 0;
for (const { name, files, tests } of targets.filter(
  ({ name }) => wanted.length === 0 || wanted.includes(name),
)) {
  const mutants = await mutate({ mutate: files, tests, remembered: name, loud: true });
  for (const file of files)
    unexplained += report(
      file,
      mutants.filter((mutant) => mutant.file === file),
    );
  mkdirSync(join(artifacts, 'mutation'), { recursive: true });
  writeFileSync(join(artifacts, 'mutation', `${name}.mutants.json`), JSON.stringify(mutants, null, 1));
}
process.exitCode = unexplained > 0 ? 1 : 0;

/** Prints how a file fared; how many of its survivors are unexplained. */
function report(file: string, mutants: Mutant[]): number {
  const of = (...statuses: Mutant['status'][]): Mutant[] =>
    mutants.filter(({ status }) => statuses.includes(status));
  const survived = of('Survived', 'NoCoverage');
  const explained = survived.filter(equivalent);
  const found = of('Killed', 'Timeout').length;
  const share = ((100 * found) / Math.max(1, found + survived.length - explained.length)).toFixed(1);
  console.log(
    `${file}: ${share} % of ${found + survived.length} mutants found, ${explained.length} equivalent, ` +
      `${mutants.length - found - survived.length} never run`,
  );
  for (const mutant of survived)
    if (!equivalent(mutant)) console.log(`  survives, line ${mutant.line}: ${mutant.changed}`);
  return survived.length - explained.length;
}
