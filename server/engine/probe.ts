import { runtimeReason, type Device } from './device.js';
import { measure, verdict } from './measure.js';
import { writeAnswer, type ProbeAnswer } from './probeAnswer.js';

/** Entry of the disposable probe process: `probe.js PROVIDER`. Prints what a provider's products are beside the CPU's. */
async function runProbe(name: Device['name']): Promise<ProbeAnswer> {
  try {
    // The provider first: without its driver nothing need be measured.
    const found = await measure(name);
    return verdict(found, await measure('cpu'));
  } catch (error) {
    return { reason: runtimeReason(error) };
  }
}

process.stdout.write(writeAnswer(await runProbe(process.argv[2] as Device['name'])));
