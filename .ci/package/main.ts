import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { PACKAGES, ROOT } from './contents.js';
import { packCommand } from './tarball.js';
import { HERE, targetOf, TARGETS } from './targets.js';
import { packExtension } from './vsix.js';

/**
 * `npm run package [TARGET …|npm]`: builds for release and packs the extension for each platform, and the command line for
 * npm; all of them without arguments.
 */
const wanted = process.argv.slice(2);
const targets = wanted.length > 0 ? wanted.filter((name) => name !== 'npm') : Object.keys(TARGETS);
targets.forEach(targetOf);
run('node', ['.ci/bundle.mjs', '--production'], ROOT);
for (const target of targets) {
  const modules = target === HERE ? ROOT : installFor(target);
  try {
    report(await packExtension({ target, modules }), `of ${targetOf(target).budget} MB allowed`);
  } finally {
    if (modules !== ROOT) rmSync(modules, { recursive: true, force: true });
  }
}
if (wanted.length === 0 || wanted.includes('npm')) report(await packCommand(), 'for npm i -g');

/** Another platform's packages, as the lockfile has them, in a folder of their own: npm picks the native ones. */
function installFor(target: string): string {
  const { os, cpu } = targetOf(target);
  mkdirSync(PACKAGES, { recursive: true });
  const folder = mkdtempSync(path.join(PACKAGES, `modules-${target}-`));
  for (const file of ['package.json', 'package-lock.json', '.npmrc'])
    copyFileSync(path.join(ROOT, file), path.join(folder, file));
  const platform = [`--os=${os}`, `--cpu=${cpu}`, ...(os === 'linux' ? ['--libc=glibc'] : [])];
  run('npm', ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', ...platform], folder);
  return folder;
}

function run(program: string, args: string[], cwd: string): void {
  execFileSync(program, args, { cwd, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
}

function report(file: string, note: string): void {
  console.log(`${path.relative(ROOT, file)}: ${(statSync(file).size / 1e6).toFixed(1)} MB ${note}`);
}
