import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeDemo } from '../../../extension/demo/writeDemo.js';
import { inspectJob } from '../../../server/jobs/inspectJob.js';
import { requests } from '../../../server/protocol/contract.js';
import { runCli, scratchFolder } from '../cli.js';

const folder = scratchFolder();

it('says how many pairs have embeddings already', async () => {
  const dataset = join(folder, 'icons');
  await writeDemo(dataset);
  // One that only decoding finds out.
  writeFileSync(join(dataset, 'images', 'broken.png'), 'no picture');
  appendFileSync(join(dataset, 'pairs.csv'), 'images/broken.png,a broken thing\n');
  const inspect = async (source: string): Promise<{ usable: number; embedded: number }> => {
    const context = { cancelled: () => false, report: () => undefined };
    const { pairs, skipped, embedded } = await inspectJob(requests.inspect.parse({ source }), context);
    return { usable: pairs - skipped.total, embedded };
  };
  expect((await inspect(dataset)).embedded).toBe(0);
  const { code, stderr } = await runCli('embed', dataset, '--device', 'cpu');
  expect(code, stderr).toBe(0);
  const { usable, embedded } = await inspect(dataset);
  expect(embedded).toBe(usable);
});
