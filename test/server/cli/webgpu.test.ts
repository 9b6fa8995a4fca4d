import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../../../extension/server/client.js';
import { startProcess, type ServerProcess } from '../../../extension/server/process.js';
import type { SelectionReport } from '../../../server/protocol/selection.js';
import { openStore } from '../../../server/embeddings/store.js';
import { RowFiles } from '../../../server/embeddings/rowFiles.js';
import { softwareGpu } from '../../setup/softwareGpu.js';
import { CLI, makeDataset, runCommand, scratchFolder } from '../cli.js';
import { makeStore, npyOf } from '../embeddings/npyFiles.js';
import { numbers } from '../selection/samples.js';

type Selected = SelectionReport & { picked: number[]; gains: number[] };

const DIM = 48;
const folder = scratchFolder();
const gpu = softwareGpu();

let server: ServerProcess;
let client: Client;

beforeAll(async () => {
  if (!gpu) {
    console.warn('WebGPU is not tested: this system has no Chromium with SwiftShader, or no libvulkan1.');
    return;
  }
  server = await startProcess(CLI, () => undefined, { ...gpu });
  client = await Client.connect(server.handshake);
});
afterAll(async () => {
  client?.dispose();
  await server?.stop();
});

async function embed(source: string, device: string): Promise<{ store: string }> {
  const { ended } = runCommand(process.execPath, [CLI, 'embed', source, '--device', device, '--json'], {
    ...gpu,
  });
  const { stdout, stderr, code } = await ended;
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as { store: string };
}

describe.skipIf(!gpu)('WebGPU, in software', () => {
  const next = numbers(17);
  const rows = (count: number): number[][] =>
    Array.from({ length: count }, () => Array.from({ length: DIM }, next));
  const centres = rows(6);
  const around = (row: number): number[] => centres[row % 6]!.map((x) => x + 0.7 * next());
  const images = Array.from({ length: 1500 }, (_, row) => around(row));
  const texts = images.map((image) => image.map((x) => x + 1.5 * next()));
  const store = makeStore(join(folder, 'store'), [{ number: '0', images, texts }], 'f4');
  const [classes, target] = [join(folder, 'classes.npy'), join(folder, 'target.npy')];
  writeFileSync(classes, npyOf(centres, 'f4'));
  writeFileSync(target, npyOf(images.slice(0, 30), 'f4'));

  it.each([
    'clipcov',
    'clipcov-notebook',
    'semdedup',
    'neg-clip-loss',
    'norm-sim',
    'skmm',
    'ood:90% | near-duplicates:0.1 | clipcov',
  ])('%s picks what it picks on the CPU', async (method) => {
    const select = async (device: 'cpu' | 'webgpu'): Promise<Selected> => {
      // Each device classifies for itself.
      rmSync(join(store, '.clipcov'), { recursive: true, force: true });
      const report = await client.request('select', {
        ...{ source: store, budget: '20%', method, device, evaluate: false },
        ...{ classEmbeddings: classes, target, out: device },
      });
      const { rows } = await client.request('page', { subset: report.subset, offset: 0, limit: 500 });
      return { ...report, picked: rows.map(({ id }) => id).sort(), gains: rows.map(({ gain }) => gain!) };
    };
    const [cpu, webgpu] = [await select('cpu'), await select('webgpu')];
    expect(JSON.stringify(webgpu.device)).toMatch(/webgpu/);
    expect([cpu, webgpu].map(({ warnings }) => /computed on webgpu/.test(warnings.join()))).toEqual([
      false,
      true,
    ]);
    expect(cpu.picks).toBe(300);
    expect(webgpu.picked).toEqual(cpu.picked);
    expect(Math.abs(webgpu.objective.value / cpu.objective.value - 1)).toBeLessThan(1e-5);
    const largest = Math.max(...cpu.gains.map(Math.abs));
    cpu.gains.forEach((gain, i) => expect(Math.abs(webgpu.gains[i]! - gain)).toBeLessThan(1e-4 * largest));
  });

  it('embeds images and captions as the CPU does', async () => {
    const [left, right] = [join(folder, 'cpu'), join(folder, 'webgpu')];
    const embedded: Float32Array[] = [];
    for (const [device, place] of [
      ['cpu', left],
      ['webgpu', right],
    ] as const) {
      await makeDataset(place, 2);
      const { store: at } = await embed(place, device);
      const { parts, dim, rows: count } = openStore(at);
      for (const side of ['images', 'texts'] as const) {
        const values = new Float32Array(count * dim);
        new RowFiles(
          parts.map((part) => ({ firstRow: part.firstRow, matrix: part[side] })),
          dim,
          false,
        ).read(0, count, values);
        embedded.push(values);
      }
    }
    for (const side of [0, 1])
      embedded[side]!.forEach((value, i) =>
        expect(Math.abs(embedded[side + 2]![i]! - value)).toBeLessThan(1e-3),
      );
  }, 180_000);
});
