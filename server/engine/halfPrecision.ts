import { ClipcovError } from '../errors.js';
import type { Device } from './device.js';
import { thisMachine, type Machine } from './machine.js';
import { probe } from './probeProcess.js';

/**
 * Refuses a device that does not compute in half precision what it should. Decided by a probe, not by what the driver
 * says of itself: some have it and deny it.
 */
export async function requireHalfPrecision(
  { name }: Device,
  machine: Pick<Machine, 'probe' | 'probeTimeoutMs' | 'env'> = thisMachine(),
): Promise<void> {
  // The CPU computes it in full precision.
  if (name === 'cpu') return;
  const answer = await probe(name, 'half', machine);
  if ('reason' in answer)
    throw new ClipcovError('device-refused', `No half precision on ${name}: ${answer.reason}`, {
      fix: 'Take the full model, or another device.',
    });
}
