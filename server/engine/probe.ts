import { Tensor } from 'onnxruntime-node';
import type { Device } from './device.js';
import { createSession } from './device.js';
import { outerProductGraph } from './graphs.js';

/**
 * Entry of the disposable probe process: `probe.js PROVIDER`. Runs one small product on the provider and on the CPU
 * and prints `probe: ok`, or `probe: <the reason>`.
 */
async function runProbe(name: Device['name']): Promise<string> {
  const [rows, dim] = [64, 32];
  const left = new Tensor(
    'float32',
    Float32Array.from({ length: rows * dim }, (_, i) => Math.sin(i)),
    [rows, dim],
  );
  const right = new Tensor(
    'float32',
    Float32Array.from({ length: rows * dim }, (_, i) => Math.cos(i)),
    [rows, dim],
  );
  const product = async (on: Device['name']): Promise<Float32Array> => {
    const device: Device = { name: on, report: { used: on, refused: [] } };
    const session = await createSession(outerProductGraph(), device, true);
    return (await session.run({ left, right }))['product']!.data as Float32Array;
  };
  try {
    const expected = await product('cpu');
    const found = await product(name);
    const error = found.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);
    return error <= 1e-3 ? 'ok' : `its results differ from the CPU's by ${error.toExponential(1)}.`;
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
  }
}

process.stdout.write(`probe: ${await runProbe(process.argv[2] as Device['name'])}\n`);
