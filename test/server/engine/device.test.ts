import { listSupportedBackends } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { chooseDevice } from '../../../server/engine/device.js';

const built = listSupportedBackends().map(({ name }) => name);

describe('chooseDevice', () => {
  it('refuses a provider that the runtime was not built with, by name and with what there is', async () => {
    for (const name of (['coreml', 'dml'] as const).filter((device) => !built.includes(device)))
      await expect(chooseDevice(name)).rejects.toMatchObject({
        code: 'device-refused',
        message: expect.stringMatching(new RegExp(`'${name}'.*comes without it .*cpu`)),
      });
  });

  it('uses what was asked for or says why not, and never the CPU in its place', async () => {
    const chosen = await chooseDevice('webgpu').catch((error: unknown) => error as Error);
    if (chosen instanceof Error) expect(chosen.message).toMatch(/'webgpu' cannot be used: .{10}/);
    else expect(chosen.name).toBe('webgpu');
  }, 60_000);

  it('falls to the CPU by itself only, with the reason for each device that it left out', async () => {
    const { name, report } = await chooseDevice('auto');
    if (name === 'cpu') {
      expect(report.used).toMatch(/^cpu \(\d+ threads\)$/);
      expect(report.refused.length).toBeGreaterThan(0);
      for (const { reason } of report.refused) expect(reason).toMatch(/.{10}/);
    } else expect(report.used).toBe(name);
  }, 60_000);
});
