// Installs what the tests need beside the product's own packages: a real VS Code server and a Chromium.
// Running it again does nothing that is done already.
import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { findChromium, findOnPath } from './chromium.js';
import { whyNoSlurm } from '../slurm/slurmCluster.js';
import { root, serverMain, testTools } from './paths.js';
import { hasVulkanLoader } from './softwareGpu.js';

const source = path.join(root, 'test/setup/code-server');
const target = path.join(testTools, 'code-server');

/** Without its native log writer a log view stays empty, and the server complains with every message. */
const replacements = { 'spdlog.ts': '@vscode/spdlog', 'native-watchdog.ts': 'native-watchdog' };

/** Installs the locked VS Code server into .vscode-test. */
export async function installServer(): Promise<void> {
  const inputs = ['package-lock.json', ...Object.keys(replacements).map((file) => `replacements/${file}`)];
  const wanted = (await Promise.all(inputs.map((file) => readFile(path.join(source, file), 'utf8')))).join(
    '\n',
  );
  const mark = path.join(target, 'installed.txt');
  const installed = await readFile(mark, 'utf8').catch(() => undefined);
  if (installed === wanted && (await stat(serverMain).catch(() => undefined)) !== undefined) {
    return say('VS Code server: installed already.');
  }
  say('VS Code server: installing about 300 MB into .vscode-test …');
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) {
    await copyFile(path.join(source, file), path.join(target, file));
  }
  // Install scripts would compile terminals, which no test uses.
  npm(['ci', '--ignore-scripts'], target);
  const vscode = path.resolve(serverMain, '../..');
  npm(['install', '--omit=dev', '--ignore-scripts'], vscode);
  for (const [file, replaced] of Object.entries(replacements)) {
    await build({
      entryPoints: [path.join(source, 'replacements', file)],
      outfile: path.join(vscode, 'node_modules', replaced, 'index.js'),
      platform: 'node',
      format: 'cjs',
      allowOverwrite: true,
    });
  }
  await giveRipgrep(vscode);
  await writeFile(mark, wanted);
}

/** VS Code finds files with ripgrep, which its own package would download; the newer one brings it along. */
async function giveRipgrep(vscode: string): Promise<void> {
  const name = process.platform === 'win32' ? 'rg.exe' : 'rg';
  const brought = `node_modules/@vscode/ripgrep-${process.platform}-${process.arch}/bin/${name}`;
  const bin = path.join(vscode, 'node_modules/@vscode/ripgrep/bin');
  await mkdir(bin, { recursive: true });
  await copyFile(path.join(target, brought), path.join(bin, name));
}

/** Installs Debian's Chromium where there is none and apt-get may be used. */
export function installChromium(): void {
  const found = findChromium();
  if (found !== undefined) say(`Chromium: ${found}`);
  const missing = [
    ...(found === undefined ? ['chromium'] : []),
    // Without it, emoji in captions are empty boxes in screenshots.
    ...(process.platform === 'linux' && !hasEmoji() ? ['fonts-noto-color-emoji'] : []),
    // With Chromium's SwiftShader, WebGPU is tested without a GPU.
    ...(process.platform === 'linux' && !hasVulkanLoader() ? ['libvulkan1'] : []),
  ];
  if (missing.length === 0 || aptInstall(missing)) return;
  if (found === undefined) {
    throw new Error(
      'No Chromium found, and it cannot be installed from here. Install Chromium or Google Chrome so that it ' +
        'is on PATH (on Debian: sudo apt-get install chromium fonts-noto-color-emoji), or name its executable ' +
        'in CHROMIUM_EXECUTABLE.',
    );
  }
  say(`Not installed, though tests would use it: ${missing.join(', ')}.`);
}

/** Installs Slurm, on which runs of a cluster are tested, where apt-get may be used; its tests are skipped elsewhere. */
export function installSlurm(): void {
  if (whyNoSlurm() === null) return say('Slurm: installed already.');
  if (process.platform !== 'linux' || !aptInstall(['slurmctld', 'slurmd', 'slurm-client', 'munge']))
    say('Slurm: cannot be installed from here, so the tests of clusters are skipped.');
}

/** Installs strace, by which tests see what a run asks the system for, where apt-get may be used; they are skipped elsewhere. */
export function installStrace(): void {
  if (findOnPath('strace') !== undefined) return say('strace: installed already.');
  if (process.platform !== 'linux' || !aptInstall(['strace']))
    say('strace: cannot be installed from here, so the tests of what is accessed are skipped.');
}

function hasEmoji(): boolean {
  return /emoji/i.test(spawnSync('fc-list', [], { encoding: 'utf8' }).stdout ?? '');
}

function aptInstall(packages: readonly string[]): boolean {
  if (findOnPath('apt-get') === undefined) return false;
  const isRoot = process.getuid?.() === 0;
  if (!isRoot && spawnSync('sudo', ['-n', 'true']).status !== 0) return false;
  const apt = (...args: string[]): boolean => {
    const [command = '', ...rest] = [...(isRoot ? [] : ['sudo', '-n']), 'apt-get', ...args];
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    return spawnSync(command, rest, { stdio: ['ignore', 2, 2], env }).status === 0;
  };
  say(`Installing with apt-get: ${packages.join(', ')} …`);
  const install = ['install', '-y', '--no-install-recommends', ...packages];
  // The package lists may be missing or old; they are only fetched when the first try fails.
  return apt(...install) || (apt('update') && apt(...install));
}

function npm(args: readonly string[], cwd: string): void {
  const shell = process.platform === 'win32';
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  const { status } = spawnSync('npm', [...args, ...quiet], { cwd, stdio: ['ignore', 2, 2], shell });
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed in ${cwd}`);
}

function say(text: string): void {
  console.error(text);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await installServer();
    installChromium();
    installSlurm();
    installStrace();
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
