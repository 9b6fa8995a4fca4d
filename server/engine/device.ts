import '../noTelemetry.js';
import { availableParallelism } from 'node:os';
import { InferenceSession } from 'onnxruntime-node';
import type { DeviceChoice } from '../protocol/fields.js';
import type { DeviceReport } from '../protocol/progress.js';

/** A device that computes; sessions are made on it and nowhere else. Plain data: threads are handed it as it is. */
export interface Device {
  name: Exclude<DeviceChoice, 'auto'>;
  report: DeviceReport;
  /** Cores that one session may use; all of them where absent. */
  threads?: number;
}

/** Cores that this process may use: of a job of Slurm those it was given, which the system does not always enforce. */
export function cpuThreads(): number {
  const given = Number(process.env['SLURM_CPUS_PER_TASK'] ?? NaN);
  const found = Math.max(1, availableParallelism());
  return given >= 1 ? Math.min(given, found) : found;
}

/** The name of a device as a person reads it. */
export function describeDevice(name: Device['name']): string {
  return name === 'cpu' ? `cpu (${cpuThreads()} threads)` : name;
}

export interface SessionChoices {
  /**
   * Lets nothing run on the CPU in the device's stead: for models, single operators may (shapes are computed there); for
   * a probe that would prove nothing.
   */
  alone?: boolean;
  /** Folder of weights that a graph in memory keeps in other files. */
  weightsIn?: string;
  /**
   * Threads of the session that wait for each other sleep, and leave the core to whoever decodes the next pictures or to
   * other programs. Where a run is short and nothing else computes, spinning would be faster.
   */
  sharesCores?: boolean;
  /** The graph is run as it is, no optimiser changes it. */
  asWritten?: boolean;
}

/** A session of the given graph or model file on the device. */
export async function createSession(
  source: string | Uint8Array,
  device: Device,
  { alone = false, weightsIn, sharesCores = false, asWritten = false }: SessionChoices = {},
): Promise<InferenceSession> {
  const onCpu = device.name === 'cpu';
  const session = {
    ...(alone && !onCpu && { disable_cpu_ep_fallback: '1' }),
    ...(sharesCores && { intra_op: { allow_spinning: '0' } }),
    ...(weightsIn !== undefined && { model_external_initializers_file_folder_path: weightsIn }),
  };
  const options: InferenceSession.SessionOptions = {
    executionProviders: onCpu ? ['cpu'] : alone ? [device.name] : [device.name, 'cpu'],
    ...(Object.keys(session).length > 0 && { extra: { session } }),
    intraOpNumThreads: device.threads ?? cpuThreads(),
    ...(asWritten && { graphOptimizationLevel: 'disabled' }),
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
  return /(?: was false\. |Status Message: )(?:\S+:\d+ \w+ )?(.+)$/.exec(line)?.[1] ?? line;
}
