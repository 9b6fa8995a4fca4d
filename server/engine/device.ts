import { cpus } from 'node:os';
import { InferenceSession } from 'onnxruntime-node';
import type { DeviceChoice, DeviceReport } from '../protocol/contract.js';

/** A device that computes; sessions are made on it and nowhere else. Plain data: threads are handed it as it is. */
export interface Device {
  name: Exclude<DeviceChoice, 'auto'>;
  report: DeviceReport;
  /** Cores that one session may use; all of them where absent. */
  threads?: number;
}

export function cpuThreads(): number {
  return Math.max(1, cpus().length);
}

/** The name of a device as a person reads it. */
export function describeDevice(name: Device['name']): string {
  return name === 'cpu' ? `cpu (${cpuThreads()} threads)` : name;
}

/**
 * A session of the given graph or model file on the device. `alone` lets nothing run on the CPU in its stead: for
 * models, single operators may (shapes are computed there); for a probe that would prove nothing.
 */
export async function createSession(
  source: string | Uint8Array,
  device: Device,
  alone = false,
): Promise<InferenceSession> {
  const options: InferenceSession.SessionOptions = {
    executionProviders: device.name === 'cpu' ? ['cpu'] : alone ? [device.name] : [device.name, 'cpu'],
    ...(alone && device.name !== 'cpu' && { extra: { session: { disable_cpu_ep_fallback: '1' } } }),
    intraOpNumThreads: device.threads ?? cpuThreads(),
    // Warnings of the runtime are about its own optimiser, not about anything a user can act on.
    logSeverityLevel: 3,
  };
  return typeof source === 'string'
    ? InferenceSession.create(source, options)
    : InferenceSession.create(source, options);
}

/**
 * What the runtime says went wrong, in one line: where in its own sources a check failed is left out, which is most of
 * the message and nothing to a person.
 */
export function runtimeReason(error: unknown): string {
  const line = (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
  return / was false\. (.+)$/.exec(line)?.[1] ?? line;
}
