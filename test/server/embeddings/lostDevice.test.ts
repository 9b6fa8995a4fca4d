import { join } from 'node:path';
import { Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { createEncoder, type Encoder } from '../../../server/embeddings/encoder.js';
import { encoderWithNext, endsTheRun } from '../../../server/embeddings/encoderWithNext.js';
import { loadModel } from '../../../server/embeddings/model.js';
import { unitRows } from '../../../server/embeddings/tower.js';
import { chooseDevice, nextDevice } from '../../../server/engine/chooseDevice.js';
import { thisMachine } from '../../../server/engine/machine.js';
import type { Device } from '../../../server/engine/device.js';
import { ClipcovError } from '../../../server/errors.js';
import { select } from '../../../server/jobs/selectJob.js';
import { openSubset } from '../../../server/jobs/subsetQueries.js';
import type { Devices } from '../../../server/jobs/workspace.js';
import { requests } from '../../../server/protocol/contract.js';
import type { DeviceChoice } from '../../../server/protocol/fields.js';
import type { JobProgress } from '../../../server/protocol/progress.js';
import { scratchFolder, write } from '../cli.js';
import { contents, paint } from './embedding.js';

const BOTH = /^webgpu, then cpu \(\d+ threads\)$/;
const LOST = 'A valid external Instance reference no longer exists.';

interface Failing {
  /** Batches of images that the accelerator encodes before it is lost; it cannot open the model where below 0. */
  batches: number;
  choice?: DeviceChoice;
}

/** Devices of a machine whose accelerator computes as the CPU does, until it fails. */
function devices({ batches, choice = 'auto' }: Failing): Devices & { opened: string[] } {
  const opened: string[] = [];
  const failing = async (encoder: Encoder): Promise<Encoder> => {
    let left = batches;
    return {
      ...encoder,
      images: (pixels) => (left-- > 0 ? encoder.images(pixels) : Promise.reject(new Error(LOST))),
    };
  };
  return {
    opened,
    choose: async () =>
      choice === 'cpu' ? chooseDevice('cpu') : { name: 'webgpu', report: { used: 'webgpu', refused: [] } },
    next: (lost, reason) => nextDevice(lost, reason, { ...thisMachine(), platform: 'linux' }),
    async open(model, device) {
      opened.push(device.name);
      const cpu: Device = { name: 'cpu', report: device.report };
      if (device.name === 'cpu') return createEncoder(model, cpu);
      if (batches < 0) throw new Error(LOST);
      return failing(await createEncoder(model, cpu));
    },
  };
}

async function run(
  folder: string,
  failing: Failing,
): Promise<Awaited<ReturnType<typeof select>> & { seen: string[]; opened: string[] }> {
  const lines = ['image,caption'];
  for (let i = 0; i < 40; i++) {
    await write(join(folder, `${i}.png`), await paint(i));
    lines.push(`${i}.png,picture number ${i}`);
  }
  const source = join(folder, 'pairs.csv');
  await write(source, lines.join('\n'));
  const device = failing.choice ?? 'auto';
  const params = requests.select.parse({ source, budget: '20%', kmeans: 4, device, evaluate: false });
  const seen: string[] = [];
  const report = (progress: JobProgress): void =>
    void (seen.at(-1) !== progress.device && seen.push(progress.device));
  const using = devices(failing);
  return { ...(await select(params, { report, cancelled: () => false }, using)), seen, opened: using.opened };
}

/** Every embedding that lies beside the table, by its file. */
function embeddings(folder: string): Record<string, string> {
  const files = Object.entries(contents(join(folder, '.clipcov')));
  return Object.fromEntries(files.filter(([name]) => name.endsWith('.npy')));
}

it('goes on with the next device and leaves the store that the CPU would have made', async () => {
  const [whole, lost] = [scratchFolder(), scratchFolder()];
  const expected = await run(whole, { batches: 0, choice: 'cpu' });
  const found = await run(lost, { batches: 1 });
  expect(found.opened).toEqual(['webgpu', 'cpu']);
  expect(Object.keys(embeddings(lost))).toHaveLength(2);
  expect(embeddings(lost)).toEqual(embeddings(whole));
  expect(found.order.ids).toEqual(expected.order.ids);
  expect(found.seen).toEqual(['webgpu', expect.stringMatching(BOTH)]);
  expect(found.report.device.used).toMatch(BOTH);
  expect(found.report.device.refused).toContainEqual({ device: 'webgpu', reason: LOST });
  expect(found.report.warnings.join()).toMatch(
    /webgpu failed in mid-run .*no longer exists.*depend on where it stopped/,
  );
  const saved = await openSubset({ subset: found.report.subset });
  expect(saved.device).toEqual({ used: 'webgpu, then cpu', refused: [{ device: 'webgpu', reason: LOST }] });
  expect(saved.warnings).toEqual(found.report.warnings);
  expect(expected.report.device.lost).toBeUndefined();
  expect(expected.report.warnings.join()).not.toMatch(/mid-run/);
});

it('opens the model on the next device where the first cannot', async () => {
  const found = await run(scratchFolder(), { batches: -1 });
  expect(found.opened).toEqual(['webgpu', 'cpu']);
  expect(found.report.device.used).toMatch(BOTH);
});

it('ends the run where the device was asked for by name, and goes on from there when run again', async () => {
  const folder = scratchFolder();
  await expect(run(folder, { batches: 1, choice: 'webgpu' })).rejects.toMatchObject({
    code: 'device-lost',
    message: `The device 'webgpu' failed in mid-run: ${LOST}`,
    fix: expect.stringMatching(/finished parts are kept.*--device auto/),
  });
  expect((await run(folder, { batches: 0, choice: 'cpu' })).report.picks).toBe(8);
});

it('says why a device that was asked for by name cannot open the model', async () => {
  const refusal = new ClipcovError('device-refused', 'No half precision on webgpu: no f16');
  await expect(
    encoderWithNext(
      await loadModel(),
      { name: 'webgpu', report: { used: 'webgpu', refused: [] } },
      { onLost: endsTheRun, open: () => Promise.reject(refusal) },
    ),
  ).rejects.toBe(refusal);
});

describe('batches in flight together', () => {
  it('are all run again, and one device takes the place of the lost', async () => {
    const model = await loadModel();
    const using = devices({ batches: 1 });
    const first = await using.choose('auto');
    let asked = 0;
    const encoder = await encoderWithNext(model, first, {
      onLost: (lost, reason) => (asked++, using.next(lost, reason)),
      open: using.open,
    });
    const { cropWidth, cropHeight } = model.pixels;
    const picture = Buffer.alloc(3 * cropWidth * cropHeight, 90);
    const rows = await Promise.all([1, 2, 3, 4].map(() => encoder.images([picture])));
    await encoder.release();
    expect(asked).toBe(1);
    for (const row of rows) expect(row).toEqual(rows[0]);
  });

  it('end with an error that is the CPU’s own', async () => {
    const failure = new Error('no memory');
    const encoder = await encoderWithNext(await loadModel(), await chooseDevice('cpu'), {
      onLost: () => Promise.reject(new Error('asked')),
      open: async (model, device) => ({
        ...(await createEncoder(model, device)),
        images: () => Promise.reject(failure),
      }),
    });
    await expect(encoder.images([])).rejects.toBe(failure);
    await encoder.release();
  });
});

it.each([0, NaN, Infinity])(
  'an accelerator whose embeddings are %s is lost as well; the CPU’s are the model’s',
  async (value) => {
    const model = await loadModel();
    const values = new Float32Array(2 * model.dim).fill(1).fill(value, model.dim);
    const output = (): { out: Tensor } => ({ out: new Tensor('float32', values.slice(), [2, model.dim]) });
    const on = (name: Device['name']): Device => ({ name, report: { used: name, refused: [] } });
    expect(() => unitRows(output(), 'out', 2, model, on('webgpu'))).toThrow(
      /webgpu gives embeddings that are no directions/,
    );
    // A row that only fills the batch is nobody's.
    expect(unitRows(output(), 'out', 1, model, on('webgpu'))).toHaveLength(model.dim);
    expect(unitRows(output(), 'out', 2, model, on('cpu'))).toHaveLength(2 * model.dim);
  },
);
