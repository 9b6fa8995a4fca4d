import '../noTelemetry.js';
import { runtimeReason, type Device } from './device.js';
import { HALF_TOLERANCE, measure, measureHalf, verdict } from './measure.js';
import { writeAnswer, type ProbeAnswer } from './probeAnswer.js';
import type { Question } from './probeProcess.js';

/** Entry of the disposable probe process: `probe.js PROVIDER QUESTION`. */
async function answer(name: Device['name'], question: Question): Promise<ProbeAnswer> {
  const [half, timed] = [question === 'half', question === 'rate'];
  try {
    // The provider first: without its driver nothing need be measured.
    const found = half ? await measureHalf(name) : await measure(name, timed);
    return verdict(found, await measure('cpu', timed), half ? HALF_TOLERANCE : undefined);
  } catch (error) {
    return { reason: runtimeReason(error) };
  }
}

const [, , name, question] = process.argv;
process.stdout.write(writeAnswer(await answer(name as Device['name'], question as Question)));
