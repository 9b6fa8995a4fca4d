import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { InferenceSession, listSupportedBackends } from 'onnxruntime-node';
import { ClipcovError } from '../errors.js';
import type { DeviceChoice, DeviceReport } from '../protocol/contract.js';

/** A device that computes, chosen once a run; sessions are made on it and nowhere else. */
export interface Device {
  name: Exclude<DeviceChoice, 'auto'>;
  report: DeviceReport;
  /** Cores that one session may use; all of them where absent. */
  threads?: number;
}

/** Providers that `auto` asks, in order of preference, by platform. */
const CANDIDATES: Partial<Record<NodeJS.Platform, Device['name'][]>> = {
  linux: ['cuda', 'webgpu'],
  win32: ['dml', 'webgpu'],
  darwin: ['coreml', 'webgpu'],
};

/** Where the bundles lie; from sources the probe is found in the built product. */
const PROBE = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../dist/probe.js' : './probe.js', import.meta.url),
);

/**
 * The device to use. `auto` takes the first accelerator whose probe agrees with the CPU, else the CPU, and reports
 * why each one before it was refused. A device that was asked for by name is used or the run ends: no silent fallback.
 */
export async function chooseDevice(choice: DeviceChoice): Promise<Device> {
  if (choice === 'cpu') return onCpu([]);
  const asked = choice === 'auto' ? (CANDIDATES[process.platform] ?? []) : [choice];
  const refused: DeviceReport['refused'] = [];
  for (const name of asked) {
    const reason = notBuilt(name) ?? (choice === 'auto' ? noHardware() : null) ?? (await probe(name));
    if (reason === null) return { name, report: { used: name, refused } };
    refused.push({ device: name, reason });
  }
  if (choice === 'auto') return onCpu(refused);
  throw new ClipcovError('device-refused', `The device '${choice}' cannot be used: ${refused[0]!.reason}`, {
    fix: `Choose --device cpu or auto, or mend the driver.`,
  });
}

function onCpu(refused: DeviceReport['refused']): Device {
  return { name: 'cpu', report: { used: `cpu (${cpuThreads()} threads)`, refused } };
}

export function cpuThreads(): number {
  return Math.max(1, cpus().length);
}

/** Spares a machine without any GPU the start of a probe process for each provider. */
function noHardware(): string | null {
  const files = ['/dev/nvidia0', '/dev/dri', '/dev/dxg'];
  return process.platform === 'linux' && !files.some((file) => existsSync(file))
    ? `the system shows no GPU (none of ${files.join(', ')}).`
    : null;
}

/**
 * Why the runtime has no such provider, or null. Asked before the probe: the runtime ignores the name of a provider that
 * it was not built with and computes on the CPU instead.
 */
function notBuilt(name: Device['name']): string | null {
  const built = listSupportedBackends().map((backend) => backend.name);
  return built.includes(name)
    ? null
    : `ONNX Runtime for ${process.platform} comes without it (it has ${built.join(', ')}).`;
}

/** Why a provider cannot be used, or null. In a child process of its own: a bad driver takes its process along. */
function probe(name: Device['name']): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [PROBE, name],
      { timeout: 30_000, env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' } },
      (error, stdout) => {
        const answer = /^probe: (.*)$/m.exec(stdout)?.[1];
        if (answer === 'ok') resolve(null);
        else if (answer !== undefined) resolve(answer);
        else
          resolve(`its probe ended without an answer (${error?.signal ?? error?.code ?? 'no exit code'}).`);
      },
    );
  });
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
