import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { chooseDevice } from '../engine/chooseDevice.js';
import { ClipcovError, describeError } from '../errors.js';

/** What fetching ONNX Runtime's CUDA provider would do. */
export interface CudaPlan {
  /** The package at its source, and the index that is asked where it lies. */
  package: string;
  version: string;
  index: string;
  /** Where the libraries go: into the installed ONNX Runtime itself. */
  folder: string;
  files: { name: string; present: boolean }[];
}

export interface CudaReport extends CudaPlan {
  installed: boolean;
  /** Why CUDA still cannot be used, by its probe; null where it can. */
  refused: string | null;
}

/** Where ONNX Runtime is installed, and for which system. */
export interface Runtime {
  folder: string;
  platform: string;
  arch: string;
}

const metadataSchema = z.object({
  requirements: z.record(z.string(), z.array(z.string())),
  manifests: z.record(z.string(), z.record(z.string(), z.object({ package: z.string() }))),
  packages: z.record(
    z.string(),
    z.object({ name: z.string(), versions: z.array(z.object({ feed: z.string(), version: z.string() })) }),
  ),
  feeds: z.record(z.string(), z.object({ index: z.string() })),
});

const load = createRequire(import.meta.url);

export function installedRuntime(): Runtime {
  const { platform, arch } = process;
  return { folder: dirname(load.resolve('onnxruntime-node/package.json')), platform, arch };
}

/** As ONNX Runtime's own installer has it; asks nobody. */
export function cudaPlan(runtime = installedRuntime()): CudaPlan {
  const { folder, platform, arch } = runtime;
  const system = `${platform}/${arch}`;
  const { requirements, manifests, packages, feeds } = metadataSchema.parse(
    load(join(folder, 'script', 'install-metadata.js')),
  );
  const wanted = (requirements[system] ?? []).find((name) => name.startsWith('cuda'));
  const manifest = wanted === undefined ? undefined : manifests[`${system}:${wanted}`];
  const [first] = Object.values(manifest ?? {});
  const found = first && packages[first.package];
  const version = found?.versions[0];
  if (!manifest || !found || !version)
    throw new ClipcovError('cuda-unavailable', `ONNX Runtime has no CUDA libraries for ${system}.`, {
      fix:
        platform === 'linux' ? 'Use --device auto.' : 'Use --device auto: it takes the GPU by other means.',
    });
  const into = join(folder, 'bin', 'napi-v6', platform, arch);
  return {
    package: found.name,
    version: version.version,
    index: feeds[version.feed]!.index,
    folder: into,
    files: Object.keys(manifest).map((name) => {
      const file = resolve(into, name);
      return { name: file.slice(into.length + 1), present: existsSync(file) };
    }),
  };
}

/** Runs ONNX Runtime's own installer once `approve` has not thrown, and probes what it made. */
export async function fetchCuda(
  approve: (plan: CudaPlan) => Promise<void>,
  runtime = installedRuntime(),
): Promise<CudaReport> {
  const plan = cudaPlan(runtime);
  const missing = plan.files.some(({ present }) => !present);
  await approve(plan);
  if (missing) await runInstaller(runtime);
  const refused = await chooseDevice('cuda').then(() => null, describeError);
  return { ...cudaPlan(runtime), installed: missing, refused };
}

async function runInstaller(runtime: Runtime): Promise<void> {
  const script = join(runtime.folder, 'script', 'install.js');
  const own = createRequire(join(runtime.folder, 'package.json'));
  for (const name of ['adm-zip', 'global-agent'])
    try {
      own.resolve(name);
    } catch (cause) {
      // The packed extension leaves out what only this needs.
      throw new ClipcovError(
        'cuda-unavailable',
        `ONNX Runtime's installer needs the package ${name}, which is missing.`,
        {
          where: runtime.folder,
          fix: 'Run it from an installation by npm, and not from the packed extension.',
          cause,
        },
      );
    }
  const code = await new Promise<number | string>((settle, reject) => {
    const child = spawn(process.execPath, [script], {
      // Its progress is no result.
      stdio: ['ignore', 2, 2],
      // What npm or its configuration says of the installer is overruled: it was asked for.
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1', ONNXRUNTIME_NODE_INSTALL: 'true' },
    });
    child.on('error', reject);
    child.on('close', (exit, signal) => settle(exit ?? signal ?? 'no exit code'));
  });
  if (code !== 0 || cudaPlan(runtime).files.some(({ present }) => !present))
    throw new ClipcovError('cuda-failed', `ONNX Runtime's installer did not fetch the libraries (${code}).`, {
      where: script,
      fix: 'Check the connection to NuGet and that the folder can be written, and run it again.',
    });
}
