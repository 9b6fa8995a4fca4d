import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { endsTheRun } from '../../../server/embeddings/encoderWithNext.js';
import { chooseDevice, nextDevice } from '../../../server/engine/chooseDevice.js';
import { thisMachine, type Machine } from '../../../server/engine/machine.js';
import type { Device } from '../../../server/engine/device.js';
import { measure, verdict } from '../../../server/engine/measure.js';
import type { DeviceChoice } from '../../../server/protocol/fields.js';
import { softwareGpu } from '../../setup/softwareGpu.js';
import { scratchFolder } from '../cli.js';

const folder = scratchFolder();
const gpu = softwareGpu();
const CPU = expect.stringMatching(/^cpu \(\d+ threads\)$/);

/** A probe process that does what the lines say instead of computing. */
function probeOf(name: string, lines: string): string {
  const file = join(folder, `${name}.mjs`);
  writeFileSync(file, lines);
  return file;
}
const FAST = probeOf('fast', `console.log('probe: {"rate":300,"cpuRate":25}');`);
const SLOW = probeOf('slow', `console.log('probe: {"rate":2,"cpuRate":25}');`);

/** A machine with every provider and a GPU, but for what is given. */
function machine(given: Partial<Machine> = {}): Machine {
  return {
    ...thisMachine(),
    platform: 'linux',
    built: ['cpu', 'webgpu', 'cuda', 'dml', 'coreml'],
    env: {},
    exists: () => true,
    probe: FAST,
    taken: new Map(),
    ...given,
  };
}

async function reasonsOf(given: Partial<Machine>): Promise<Record<string, string>> {
  const { name, report } = await chooseDevice('auto', machine(given));
  expect([name, report.used]).toEqual(['cpu', CPU]);
  return Object.fromEntries(report.refused.map(({ device, reason }) => [device, reason]));
}

const messageOf = (choice: DeviceChoice, given: Partial<Machine>): Promise<string> =>
  chooseDevice(choice, machine(given)).then(
    ({ report }) => `used ${report.used}`,
    (error: Error) => error.message,
  );

describe('auto', () => {
  it.each([
    ['linux', 'cuda'],
    ['win32', 'dml'],
    ['darwin', 'coreml'],
  ] as const)(
    'on %s takes %s, the first of its providers, where it outruns the CPU',
    async (platform, name) => {
      const chosen = await chooseDevice('auto', machine({ platform }));
      expect(chosen).toEqual({ name, report: { used: name, why: "12 times the CPU's rate", refused: [] } });
    },
  );

  it('takes the second where the first is refused, and says why the first was', async () => {
    const cudaOnly = probeOf(
      'cudaOnly',
      `console.log('probe: ' + (process.argv[2] === 'cuda' ? '{"reason":"no driver"}' : '{"rate":30,"cpuRate":25}'));`,
    );
    expect((await chooseDevice('auto', machine({ probe: cudaOnly }))).report).toEqual({
      used: 'webgpu',
      why: "1.2 times the CPU's rate",
      refused: [{ device: 'cuda', reason: 'no driver' }],
    });
  });

  it('refuses what does not outrun the CPU', async () => {
    const reason = 'slower than the CPU (0.080 of its rate).';
    expect(await reasonsOf({ probe: SLOW })).toEqual({ cuda: reason, webgpu: reason });
  });

  it.each([
    ['linux', ['cuda', 'webgpu']],
    ['win32', ['dml', 'webgpu']],
    ['darwin', ['coreml', 'webgpu']],
  ] as const)('on %s refuses what the runtime was not built with', async (platform, names) => {
    const reason = `ONNX Runtime for ${platform} comes without it (it has cpu).`;
    expect(await reasonsOf({ platform, built: ['cpu'] })).toEqual(
      Object.fromEntries(names.map((name) => [name, reason])),
    );
  });

  it('starts no probe where the system shows no GPU', async () => {
    const missing = probeOf('missing', 'throw new Error("started");');
    expect(await reasonsOf({ exists: () => false, probe: missing })).toEqual({
      cuda: 'the system shows no GPU for it (none of /dev/nvidiactl, /dev/dxg).',
      webgpu: 'the system shows no GPU for it (none of /dev/nvidiactl, /dev/dri, /dev/dxg).',
    });
  });

  it.each(['VK_ICD_FILENAMES', 'VK_DRIVER_FILES'])(
    'takes a Vulkan driver named by %s for a GPU',
    async (name) => {
      const chosen = await chooseDevice(
        'auto',
        machine({ exists: () => false, env: { [name]: '/driver.json' } }),
      );
      expect(chosen.name).toBe('webgpu');
      expect(chosen.report.refused.map(({ device }) => device)).toEqual(['cuda']);
    },
  );

  it('uses the CPU on a platform without any provider', async () => {
    const { name, report } = await chooseDevice('auto', machine({ platform: 'freebsd' }));
    expect(name).toBe('cpu');
    expect(report).toMatchObject({ why: 'no other device is known here', refused: [] });
  });

  it.skipIf(!gpu)('refuses WebGPU in software as slower than the CPU', async () => {
    const real = thisMachine();
    const env = { ...process.env, ...gpu };
    const { report } = await chooseDevice('auto', { ...real, env, exists: () => false });
    expect(report.used).toEqual(CPU);
    expect(report.refused.find(({ device }) => device === 'webgpu')?.reason).toMatch(
      /^slower than the CPU \(0\.\d+ of its rate\)\.$/,
    );
  });
});

describe('a probe that goes wrong is a reason, by name and by itself alike', () => {
  it.each([
    ['exits', 'process.exit(3);', {}, 'its probe ended without an answer (exit code 3).'],
    ['says nothing', '', {}, 'its probe ended without an answer (exit code 0).'],
    [
      'crashes',
      `process.kill(process.pid, 'SIGSEGV'); setInterval(() => {}, 1000);`,
      {},
      'its probe ended without an answer (SIGSEGV).',
    ],
    [
      'hangs',
      `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);`,
      { probeTimeoutMs: 500 },
      'its probe hung for 0.5 s.',
    ],
    [
      'has no driver',
      `console.log('a driver talks\\nprobe: {"reason":"No supported adapters"}');`,
      {},
      'No supported adapters',
    ],
    [
      'has no library',
      `console.log('probe: {"reason":"Failed to load shared library"}');`,
      { built: ['cuda'] },
      "Failed to load shared library (`clipcov cuda` tells how to fetch ONNX Runtime's part).",
    ],
  ])('%s', async (name, lines, given, reason) => {
    const probe = probeOf(name.replace(/ /g, '-'), lines);
    expect((await reasonsOf({ probe, ...given }))['cuda']).toBe(reason);
    expect(await messageOf('cuda', { probe, ...given })).toBe(`The device 'cuda' cannot be used: ${reason}`);
  });
});

describe('a device that was asked for by name', () => {
  it('is used however slow it is', async () => {
    expect((await chooseDevice('webgpu', machine({ probe: SLOW }))).report).toEqual({
      used: 'webgpu',
      why: 'it was asked for',
      refused: [],
    });
    expect(await chooseDevice('cpu', machine())).toMatchObject({
      name: 'cpu',
      report: { used: CPU, refused: [] },
    });
  });

  it.each(['cuda', 'webgpu', 'dml', 'coreml'] as const)(
    '%s ends the run where it is not built',
    async (name) => {
      await expect(chooseDevice(name, machine({ built: ['cpu', 'other'] }))).rejects.toMatchObject({
        code: 'device-refused',
        message: `The device '${name}' cannot be used: ONNX Runtime for linux comes without it (it has cpu, other).`,
        fix: expect.stringMatching(/--device cpu or auto/),
      });
    },
  );

  it('is probed even where the system shows no GPU', async () => {
    expect(await messageOf('webgpu', { exists: () => false })).toBe('used webgpu');
  });

  it('ends the run where its driver is missing', async () => {
    const env = { ...process.env };
    delete env['VK_ICD_FILENAMES'];
    const real = { ...thisMachine(), env };
    for (const name of ['webgpu', 'cuda'] as const) {
      const found = await chooseDevice(name, real).catch((error: Error) => error.message);
      // A machine that has it uses it.
      if (typeof found === 'string')
        expect(found).toMatch(
          /cannot be used: (Failed to get a WebGPU adapter|.*shared library|ONNX Runtime for)/,
        );
      else expect(found.name).toBe(name);
    }
  });
});

describe('the verdict on a measurement', async () => {
  const cpu = await measure('cpu', true);

  it('measures the CPU in GFLOP/s', () => {
    expect(cpu.rate).toBeGreaterThan(0.1);
    expect(cpu.product).toHaveLength(32 * 32);
  });

  it('is the rates where the results agree to a part in a thousand', () => {
    const near = cpu.product.map((value, i) => value + (i % 2 ? 0.01 : -0.01));
    expect(verdict({ product: near, rate: 7 }, cpu)).toEqual({ rate: 7, cpuRate: cpu.rate });
  });

  it.each([
    ['one is off', 0.5, '5.0e-1'],
    ['one is no number', NaN, 'NaN'],
  ])('is a refusal where %s', (_, by, error) => {
    const product = cpu.product.slice();
    product[17]! += by;
    expect(verdict({ product, rate: 1e6 }, cpu)).toEqual({
      reason: `its results differ from the CPU's by ${error}.`,
    });
  });

  it('is a refusal where results are missing', () => {
    expect(verdict({ product: cpu.product.slice(0, 9), rate: 1 }, cpu)).toHaveProperty('reason');
  });
});

describe('the device after one that was lost', () => {
  const lost = (name: Device['name']): Device => ({
    name,
    report: { used: name, refused: [{ device: 'cuda', reason: 'no driver' }] },
  });

  it('is the next that is accepted, and the report names both', async () => {
    const next = await nextDevice({ name: 'cuda', report: { used: 'cuda', refused: [] } }, 'gone', machine());
    expect(next).toMatchObject({
      name: 'webgpu',
      report: { used: 'cuda, then webgpu', refused: [{ device: 'cuda', reason: 'gone' }] },
    });
  });

  it('is the CPU at last', async () => {
    const { name, report } = await nextDevice(lost('webgpu'), 'the device is lost', machine());
    expect(name).toBe('cpu');
    expect(report.used).toMatch(/^webgpu, then cpu \(\d+ threads\)$/);
    expect(report.refused).toEqual([
      { device: 'cuda', reason: 'no driver' },
      { device: 'webgpu', reason: 'the device is lost' },
    ]);
  });
});

describe('a device that was taken', () => {
  const counted = (name: string, answer: string): { probe: string; asked: () => string } => {
    const log = join(folder, `${name}.log`);
    const probe = probeOf(
      name,
      `import { appendFileSync } from 'node:fs';
       appendFileSync(${JSON.stringify(log)}, process.argv[2] + ' ' + process.argv[3] + '\\n');
       console.log('probe: ' + ${JSON.stringify(answer)});`,
    );
    return { probe, asked: () => readFileSync(log, 'utf8') };
  };

  it('is asked once, until it is lost', async () => {
    const { probe, asked } = counted('once', '{"rate":300,"cpuRate":25}');
    const one = machine({ probe, built: ['cpu', 'webgpu'] });
    const first = await chooseDevice('auto', one);
    expect(await chooseDevice('auto', one)).toEqual(first);
    await chooseDevice('webgpu', one);
    await chooseDevice('webgpu', one);
    expect(asked()).toBe('webgpu rate\nwebgpu products\n');
    await nextDevice(first, 'the device is lost', one);
    await chooseDevice('auto', one);
    await chooseDevice('webgpu', one);
    expect(asked()).toBe('webgpu rate\nwebgpu products\n'.repeat(2));
  });

  it.each(['{"rate":2,"cpuRate":25}', '{"reason":"no driver"}'])(
    'is not one that answered %s: the next run asks again',
    async (answer) => {
      const { probe, asked } = counted(`again${answer.length}`, answer);
      const one = machine({ probe, built: ['cpu', 'webgpu'] });
      for (let run = 0; run < 2; run++) expect((await chooseDevice('auto', one)).name).toBe('cpu');
      expect(asked()).toBe('webgpu rate\n'.repeat(2));
    },
  );

  it('is asked again after a run that it ended, too', async () => {
    const { taken } = thisMachine();
    taken.set('webgpu products', { rate: 1, cpuRate: 1 });
    const lost: Device = { name: 'webgpu', report: { used: 'webgpu', refused: [] } };
    await expect(endsTheRun(lost, 'gone', new Error('gone'))).rejects.toMatchObject({ code: 'device-lost' });
    expect([...taken.keys()]).toEqual([]);
  });
});
