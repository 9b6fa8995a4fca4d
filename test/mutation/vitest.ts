import fc from 'fast-check';
import mocha from 'mocha';
import { format } from 'node:util';
import type { ExpectStatic } from 'vitest';

/**
 * Stands for Vitest while code is mutated: Mocha runs the same tests, since under Stryker it stays in one process and keeps
 * what is loaded, where Vitest starts a thread and loads all again for each mutant, a second or more of work.
 */
const real = new URL('../../node_modules/vitest/dist/index.js', import.meta.url).href;
export const expect = ((await import(real)) as { expect: ExpectStatic }).expect;

/**
 * Always the same examples, so that a mutant's fate is the same; no more of them than ten seconds allow, as most mutants
 * fail at one of the first; and no search for the smallest one, which nobody reads.
 */
fc.configureGlobal({ seed: 20, endOnFailure: true, interruptAfterTimeLimit: 10_000 });

type Body = () => void | Promise<void>;
type Block = (name: string, body: Body, timeout?: number) => void;
type Tests = Block & {
  skipIf(skipped: boolean): Block;
  each<T>(cases: T[]): (name: string, body: (one: T) => void | Promise<void>) => void;
};

const nothing: Block = () => {};
function tests(block: Block): Tests {
  return Object.assign(((name, body) => block(name, body)) as Block, {
    skipIf: (skipped: boolean) => (skipped ? nothing : block),
    each:
      <T>(cases: T[]) =>
      (name: string, body: (one: T) => void | Promise<void>): void => {
        for (const one of cases) {
          const { name: own } = one as { name?: string };
          // Of a list each test gets the parts as arguments.
          const given = Array.isArray(one) ? (one as unknown[]) : [one];
          block(name.includes('%') ? format(name, ...given) : name.replace('$name', own ?? ''), () =>
            (body as (...given: unknown[]) => void | Promise<void>)(...given),
          );
        }
      },
  });
}

export const describe = tests((name, body) => void mocha.describe(name, () => void body()));
export const it = tests((name, body) => void mocha.it(name, body));
