import { runtimeReason, type Device } from './device.js';
import { HALF_TOLERANCE, measure, measureHalf, verdict } from './measure.js';
import { writeAnswer, type ProbeAnswer } from './probeAnswer.js';

/**
 * Entry of the disposable probe process: `probe.js PROVIDER [half]`. Prints what a provider's products are beside the
 * CPU's; in half precision, whether they are right, untimed.
 */
async function runProbe(name: Device['name'], half: boolean): Promise<ProbeAnswer> {
  try {
    // The provider first: without its driver nothing need be measured.
    const found = half ? await measureHalf(name) : await measure(name);
    return verdict(found, await measure('cpu', !half), half ? HALF_TOLERANCE : undefined);
  } catch (error) {
    return { reason: runtimeReason(error) };
  }
}

process.stdout.write(
  writeAnswer(await runProbe(process.argv[2] as Device['name'], process.argv[3] === 'half')),
);
