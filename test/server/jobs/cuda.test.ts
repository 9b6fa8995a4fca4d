import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ClipcovError } from '../../../server/errors.js';
import { cudaPlan, fetchCuda, type Runtime } from '../../../server/jobs/cudaJob.js';
import { runCli, scratchFolder } from '../cli.js';

const INSTALLED = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
const LIBRARIES = ['cuda', 'shared', 'tensorrt'].map((name) => `libonnxruntime_providers_${name}.so`);
const here = `${process.platform}/${process.arch}`;
const agreed = async (): Promise<void> => undefined;

/** ONNX Runtime's package with its own list of what to fetch, and an installer that does what the lines say. */
function runtime(installer: string, packages = ['adm-zip', 'global-agent']): Runtime {
  const folder = join(scratchFolder(), 'onnxruntime-node');
  mkdirSync(join(folder, 'script'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{}');
  for (const name of ['install-metadata.js', 'install-metadata-versions.js'])
    cpSync(join(INSTALLED, 'script', name), join(folder, 'script', name));
  writeFileSync(join(folder, 'script', 'install.js'), installer);
  for (const name of packages) {
    mkdirSync(join(folder, 'node_modules', name), { recursive: true });
    writeFileSync(join(folder, 'node_modules', name, 'index.js'), '');
  }
  return { folder, platform: 'linux', arch: 'x64' };
}

/** Puts the files where the real installer does, but only where it is told to by its own variable. */
const INSTALLER = `
  const fs = require('fs'), path = require('path');
  if (process.env.ONNXRUNTIME_NODE_INSTALL !== 'true') process.exit(0);
  const folder = path.join(__dirname, '../bin/napi-v6/linux/x64');
  fs.mkdirSync(folder, { recursive: true });
  for (const name of ${JSON.stringify(LIBRARIES)}) fs.writeFileSync(path.join(folder, name), '');`;

describe('what would be fetched', () => {
  it('is what the installed ONNX Runtime asks for, into itself', () => {
    const folder = join(INSTALLED, 'bin', 'napi-v6', 'linux', 'x64');
    const plan = cudaPlan({ folder: INSTALLED, platform: 'linux', arch: 'x64' });
    expect(plan).toMatchObject({
      package: 'Microsoft.ML.OnnxRuntime.Gpu.Linux',
      version: (createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string })
        .version,
      index: 'https://api.nuget.org/v3/index.json',
      folder,
      files: LIBRARIES.map((name) => ({ name, present: existsSync(join(folder, name)) })),
    });
  });

  it.each([
    ['linux', 'arm64'],
    ['win32', 'x64'],
    ['darwin', 'arm64'],
    ['freebsd', 'x64'],
  ])('is nothing on %s/%s', (platform, arch) => {
    expect(() => cudaPlan({ folder: INSTALLED, platform, arch })).toThrow(
      `ONNX Runtime has no CUDA libraries for ${platform}/${arch}.`,
    );
  });

  it.runIf(here === 'linux/x64')(
    'is shown by the command line, and not fetched where nobody agreed',
    async () => {
      const { code, stdout, stderr } = await runCli('cuda');
      // Where a person fetched them, there is nothing to ask.
      if (cudaPlan().files.every(({ present }) => present)) return expect(code).toBe(0);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toContain('Microsoft.ML.OnnxRuntime.Gpu.Linux');
      expect(stderr).toContain('https://api.nuget.org/v3/index.json');
      for (const name of LIBRARIES) expect(stderr).toContain(`  ${name}\n`);
      expect(stderr).toContain('size: not known before the feed is asked');
      expect(stderr).toContain('cuda: nobody can be asked here; give --yes to download');
    },
  );

  it('takes no path', async () => {
    expect((await runCli('cuda', 'somewhere', '--yes')).code).toBe(2);
  });
});

describe('fetching', () => {
  it('runs ONNX Runtime’s own installer once it is agreed to, and not again', async () => {
    const one = runtime(INSTALLER);
    const first = await fetchCuda(agreed, one);
    expect(first.installed).toBe(true);
    expect(first.files).toEqual(LIBRARIES.map((name) => ({ name, present: true })));
    writeFileSync(join(one.folder, 'script', 'install.js'), 'process.exit(1);');
    expect((await fetchCuda(agreed, one)).installed).toBe(false);
  });

  it('runs nothing where it is not agreed to', async () => {
    const one = runtime(INSTALLER);
    const no = new ClipcovError('cancelled', 'Nothing was downloaded.');
    await expect(fetchCuda(() => Promise.reject(no), one)).rejects.toBe(no);
    expect(cudaPlan(one).files.some(({ present }) => present)).toBe(false);
  });

  it.each([
    ['fails', 'process.exit(7);', '(7)'],
    ['ends without the files', '', '(0)'],
    ['is killed', `process.kill(process.pid, 'SIGKILL');`, '(SIGKILL)'],
  ])('is an error where the installer %s', async (_, lines, end) => {
    await expect(fetchCuda(agreed, runtime(lines))).rejects.toMatchObject({
      code: 'cuda-failed',
      message: `ONNX Runtime's installer did not fetch the libraries ${end}.`,
      fix: expect.stringMatching(/NuGet/),
    });
  });

  it('is an error where the installer’s own packages were left out', async () => {
    await expect(fetchCuda(agreed, runtime(INSTALLER, ['global-agent']))).rejects.toMatchObject({
      code: 'cuda-unavailable',
      message: "ONNX Runtime's installer needs the package adm-zip, which is missing.",
    });
  });
});
