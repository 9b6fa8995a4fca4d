import { chmodSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { DoctorFinding, DoctorReport } from '../../../server/protocol/doctor.js';
import { makeDataset, runCli, scratchFolder } from '../cli.js';

const scratch = scratchFolder();

async function doctor(...args: string[]): Promise<{ code: number | null; findings: DoctorFinding[] }> {
  const { code, stdout, stderr } = await runCli('doctor', ...args, '--json');
  expect(stdout, stderr).not.toBe('');
  return { code, ...(JSON.parse(stdout) as DoctorReport) };
}

const about = (findings: DoctorFinding[], check: DoctorFinding['check']): DoctorFinding[] =>
  findings.filter((finding) => finding.check === check);

it('looks at the machine: versions, device, memory, model, room', async () => {
  const { code, findings } = await doctor('--device', 'cpu');
  expect(code).toBe(0);
  expect(about(findings, 'versions')[0]!.found).toMatch(
    /Node\.js v\d+.*ONNX Runtime 1\..*DuckDB v1\..*libvips 8/,
  );
  expect(about(findings, 'device')).toMatchObject([{ state: 'ok', found: expect.stringMatching(/^cpu/) }]);
  expect(about(findings, 'model')).toMatchObject([
    { state: 'ok', found: expect.stringContaining('icon-clip') },
  ]);
  expect(about(findings, 'memory')[0]!.found).toContain('keeps to 2 GiB');
  const text = await runCli('doctor', '--device', 'cpu');
  expect(text.stdout).toMatch(/^✓ versions {5}Node/);
});

it('says what is damaged in what was stored, which the next run mends', async () => {
  const dataset = join(scratch, 'data');
  const table = await makeDataset(dataset, 12);
  const selected = await runCli('select', dataset, '--budget', '4', '--device', 'cpu', '--json');
  expect(selected.code, selected.stderr).toBe(0);
  const { subset } = JSON.parse(selected.stdout) as { subset: string };
  const { store } = JSON.parse((await runCli('embed', dataset, '--device', 'cpu', '--json')).stdout) as {
    store: string;
  };
  const well = await doctor(dataset, '--device', 'cpu');
  expect(well.code).toBe(0);
  expect(about(well.findings, 'dataset')[0]!.found).toBe('table of 12 pairs');
  expect(about(well.findings, 'store')).toMatchObject([{ state: 'ok', found: '1 of 1 parts, all sound' }]);
  expect(about(well.findings, 'subset')).toMatchObject([{ state: 'ok', found: '1 sound' }]);

  const matrix = join(store, 'img_emb/img_emb_0.npy');
  const bytes = readFileSync(matrix);
  bytes[bytes.length - 5]! ^= 1;
  writeFileSync(matrix, bytes);
  truncateSync(subset.replace('.clipcov.json', '.parquet'), 100);
  const ill = await doctor(table, '--device', 'cpu');
  expect(ill.code).toBe(1);
  expect(about(ill.findings, 'store')).toMatchObject([
    { state: 'warning', found: '1 of 1 parts are damaged: metadata_0.parquet', where: store },
  ]);
  expect(about(ill.findings, 'subset')).toMatchObject([
    { state: 'failed', fix: expect.stringContaining('select again') },
  ]);

  expect((await runCli('embed', dataset, '--device', 'cpu')).code).toBe(0);
  const mended = await doctor(dataset, '--device', 'cpu');
  expect(about(mended.findings, 'store')).toMatchObject([{ state: 'ok' }]);
});

it('says what cannot be written, and what is no dataset or model', async (test) => {
  const missing = await doctor(
    join(scratch, 'nothing'),
    '--device',
    'cpu',
    '--model',
    join(scratch, 'no-model'),
  );
  expect(missing.code).toBe(1);
  expect(about(missing.findings, 'dataset')).toMatchObject([{ state: 'failed', fix: expect.any(String) }]);
  expect(about(missing.findings, 'model')).toMatchObject([{ state: 'failed', fix: expect.any(String) }]);
  // Nothing is forbidden to root.
  if (process.getuid?.() === 0) test.skip();
  const dataset = join(scratch, 'locked');
  await makeDataset(dataset, 3);
  chmodSync(dataset, 0o555);
  const { findings } = await doctor(dataset, '--device', 'cpu');
  expect(about(findings, 'permissions')).toMatchObject([
    { state: 'failed', fix: expect.stringContaining('--store') },
  ]);
});
