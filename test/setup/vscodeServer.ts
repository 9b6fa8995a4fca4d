import { createWriteStream } from 'node:fs';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { serverMain } from './paths.js';
import { startGroup, temporaryFolder, type ProcessGroup } from './processGroup.js';

export interface VscodeServerOptions {
  /** A folder of installed extensions; none is installed otherwise. */
  readonly extensions?: string;
  /** Whether the editor asks if a folder is trusted, or takes every folder as trusted. */
  readonly trust?: 'all' | 'ask';
  /** User settings besides those every test needs. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Environment variables for the server and thus for the extension. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Makes the workbench report the result of extension tests. */
  readonly smokeTestDriver?: boolean;
  /** Keeps user data here in place of a temporary folder. */
  readonly dataFolder?: string;
  /** What a browser has to know to connect; without it, everyone on this machine may. */
  readonly token?: string;
  /** A file for the server's own output. */
  readonly log?: string;
}

export interface WorkbenchQuery {
  /** Folders with extensions to run from source. */
  readonly extensionDevelopmentPaths?: readonly string[];
  /** A module to run in place of waiting for the user. */
  readonly extensionTestsPath?: string;
}

export interface VscodeServer {
  /** The workbench without a folder. */
  readonly url: string;
  /** The folder with the user data, server data and extensions. */
  readonly data: string;
  /** The workbench with a folder opened. */
  folderUrl(folder: string, query?: WorkbenchQuery): string;
  /** Resolves when the server has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** Ends the server with everything it started, and removes its temporary folder. */
  dispose(): Promise<void>;
}

/** A variable by which all that a server starts is known: its folder of data. */
export const DATA_MARK = 'CLIPCOV_TEST_DATA';

const quietSettings = {
  'workbench.startupEditor': 'none',
  'workbench.enableExperiments': false,
  // Drawn without a GPU, whatever moves takes a core from what is tested.
  'workbench.reduceMotion': 'on',
  'editor.cursorBlinking': 'solid',
  'workbench.tips.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'git.enabled': false,
  'update.mode': 'none',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'files.simpleDialog.enable': true,
};

/** Starts the real VS Code server on a free loopback port, with nothing remembered from earlier runs. */
export async function startVscodeServer(options: VscodeServerOptions = {}): Promise<VscodeServer> {
  if ((await stat(serverMain).catch(() => undefined)) === undefined) {
    throw new Error('The VS Code server is not installed: run `npm run test:setup`.');
  }
  const temporary = options.dataFolder === undefined ? await temporaryFolder('clipcov-vscode-') : undefined;
  const data = path.resolve(options.dataFolder ?? temporary?.folder ?? '');
  const folders = await prepareFolders(data, options);
  const groups: ProcessGroup[] = [];
  const dispose = async (): Promise<void> => {
    await Promise.all(groups.map((group) => group.stop()));
    await temporary?.remove();
  };
  const start = (args: readonly string[]): ProcessGroup => {
    const group = startGroup(process.execPath, [serverMain, ...folders, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: cleanEnvironment({ [DATA_MARK]: data, ...options.env }),
    });
    groups.push(group);
    return group;
  };
  try {
    const server = start(await listenArguments(data, options));
    const port = await listening(server, options.log);
    const origin = `http://127.0.0.1:${port}`;
    await answers(`${origin}/version`);
    const token: Record<string, string> = options.token === undefined ? {} : { tkn: options.token };
    return {
      url: urlOf(origin, token),
      data,
      folderUrl: (folder, query = {}) =>
        urlOf(origin, { ...token, folder: path.resolve(folder), ...payloadOf(port, query) }),
      ended: new Promise((resolve) => server.child.once('exit', () => resolve())),
      dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function prepareFolders(data: string, options: VscodeServerOptions): Promise<string[]> {
  const [user, server, none] = ['user-data', 'server-data', 'extensions'].map((name) =>
    path.join(data, name),
  ) as [string, string, string];
  const extensions = options.extensions ?? none;
  await mkdir(path.join(user, 'User'), { recursive: true });
  await mkdir(server, { recursive: true });
  await mkdir(extensions, { recursive: true });
  const settings = {
    ...quietSettings,
    'security.workspace.trust.enabled': options.trust === 'ask',
    ...options.settings,
  };
  // What a person changed in a folder that is kept stays changed.
  const flag = options.dataFolder === undefined ? 'w' : 'wx';
  const write = (file: string, value: unknown): Promise<void> =>
    writeFile(file, JSON.stringify(value, null, 2), { flag }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  await write(path.join(user, 'User/settings.json'), settings);
  if (extensions === none) await write(path.join(extensions, 'extensions.json'), []);
  const names = ['--user-data-dir', '--server-data-dir', '--extensions-dir'];
  return [user, server, extensions].flatMap((folder, index) => [names[index] ?? '', folder]);
}

async function listenArguments(data: string, options: VscodeServerOptions): Promise<string[]> {
  const args = ['--accept-server-license-terms', '--host', '127.0.0.1', '--port', '0'];
  args.push('--telemetry-level', 'off');
  if (options.smokeTestDriver === true) args.push('--enable-smoke-test-driver');
  if (options.trust !== 'ask') args.push('--disable-workspace-trust');
  if (options.token === undefined) return [...args, '--without-connection-token'];
  // In a file: every user of the machine can read a program's arguments.
  const file = path.join(data, 'token');
  await writeFile(file, options.token, { mode: 0o600 });
  return [...args, '--connection-token-file', file];
}

/** Without the variables by which a program knows that it runs inside VS Code. */
export function cleanEnvironment(extra: VscodeServerOptions['env'] = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(VSCODE_|ELECTRON_)/.test(name));
  // No extension marketplace: a run depends on nothing outside this machine.
  return { ...Object.fromEntries(inherited), EXTENSIONS_GALLERY: '{}', ...extra };
}

function urlOf(origin: string, parameters: Readonly<Record<string, string>>): string {
  return `${origin}/?${new URLSearchParams(parameters)}`;
}

function payloadOf(port: number, query: WorkbenchQuery): Record<string, string> {
  const remote = (file: string): string =>
    `vscode-remote://127.0.0.1:${port}${encodeURI(path.resolve(file))}`;
  const payload = (query.extensionDevelopmentPaths ?? []).map((file) => [
    'extensionDevelopmentPath',
    remote(file),
  ]);
  if (query.extensionTestsPath !== undefined) {
    payload.push(['extensionTestsPath', remote(query.extensionTestsPath)]);
  }
  return payload.length === 0 ? {} : { payload: JSON.stringify(payload) };
}

/** The port: the server chooses it, so that two runs never race for one. */
function listening({ child }: ProcessGroup, log: string | undefined): Promise<number> {
  const file = log === undefined ? undefined : createWriteStream(log);
  let output = '';
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`The VS Code server did not start:\n${output}`)), 60_000);
    child.once('error', reject);
    child.once('close', () => {
      clearTimeout(late);
      reject(new Error(`The VS Code server stopped:\n${output}`));
    });
    for (const stream of outputs(child)) {
      stream.on('data', (data) => {
        file?.write(data);
        if (output.length < 20_000) output += data;
        const port = /agent listening on (\d+)/.exec(output)?.[1];
        if (port === undefined) return;
        clearTimeout(late);
        resolve(Number(port));
      });
    }
  });
}

function outputs({ stdout, stderr }: ProcessGroup['child']): Readable[] {
  return [stdout, stderr].filter((stream) => stream !== null);
}

async function answers(url: string): Promise<void> {
  const end = Date.now() + 30_000;
  for (;;) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.status === 200) return;
    if (Date.now() > end) throw new Error(`${url} does not answer (status ${response?.status ?? 'none'}).`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
