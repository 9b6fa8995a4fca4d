import { fetchCuda, type CudaPlan } from '../jobs/cudaJob.js';
import { UsageError, type Parsed } from './arguments.js';
import { askToDownload } from './consent.js';
import { print } from './terminal.js';

/** `clipcov cuda`: ONNX Runtime's CUDA libraries, which no installation fetches by itself. */
export async function cudaCommand(parsed: Parsed): Promise<void> {
  if (parsed.positional !== undefined) throw new UsageError('cuda takes no path');
  const report = await fetchCuda((plan) => approve(plan, parsed.values['yes'] === true));
  print(parsed, report, () =>
    [
      report.installed ? `fetched to ${report.folder}` : `all there, in ${report.folder}`,
      report.refused === null
        ? 'cuda works: use it with --device cuda or auto'
        : `not yet: ${report.refused}`,
      '',
    ].join('\n'),
  );
}

async function approve(plan: CudaPlan, yes: boolean): Promise<void> {
  const lines = [
    `${plan.package} ${plan.version}, from the NuGet feed ${plan.index}`,
    ...plan.files.map(({ name, present }) => `  ${name}${present ? '  (there)' : ''}`),
    `  to ${plan.folder}`,
    '  size: not known before the feed is asked; the package is fetched whole, and these files are taken out of it',
    '  It needs an NVIDIA driver, CUDA 12 and the cuDNN that belongs to it on the system: they are not fetched.',
  ];
  process.stderr.write(`${lines.join('\n')}\n`);
  if (!yes && plan.files.some(({ present }) => !present)) await askToDownload('cuda');
}
