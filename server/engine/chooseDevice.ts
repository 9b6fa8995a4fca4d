import { ClipcovError } from '../errors.js';
import type { DeviceChoice } from '../protocol/fields.js';
import type { DeviceReport } from '../protocol/progress.js';
import { describeDevice, type Device } from './device.js';
import { thisMachine, type Machine } from './machine.js';
import type { ProbeAnswer } from './probeAnswer.js';
import { probe, type Question } from './probeProcess.js';

type Refusal = DeviceReport['refused'][number];

/** Providers that `auto` asks, in order of preference, by platform. */
const CANDIDATES: Partial<Record<NodeJS.Platform, Device['name'][]>> = {
  linux: ['cuda', 'webgpu'],
  win32: ['dml', 'webgpu'],
  darwin: ['coreml', 'webgpu'],
};

/** Device files of a GPU under Linux (the last is WSL's), by the providers that could use it. */
const GPU_FILES: Partial<Record<Device['name'], string[]>> = {
  cuda: ['/dev/nvidiactl', '/dev/dxg'],
  webgpu: ['/dev/nvidiactl', '/dev/dri', '/dev/dxg'],
};

/** Who sets one of these names a Vulkan driver, which may compute without any GPU. */
const VULKAN_DRIVERS = ['VK_ICD_FILENAMES', 'VK_DRIVER_FILES'];

/**
 * The device to use. `auto` takes the first accelerator whose probe agrees with the CPU and outruns it, else the CPU, and
 * reports why each one before it was refused. A device that was asked for by name is used, however slow, or the run
 * ends: no silent fallback.
 */
export async function chooseDevice(choice: DeviceChoice, machine = thisMachine()): Promise<Device> {
  if (choice === 'auto') return firstOf(CANDIDATES[machine.platform] ?? [], [], machine);
  const found =
    choice === 'cpu' ? null : (notBuilt(choice, machine) ?? (await ask(choice, 'products', machine)));
  if (found !== null && 'reason' in found)
    throw new ClipcovError('device-refused', `The device '${choice}' cannot be used: ${found.reason}`, {
      fix: `Choose --device cpu or auto, or mend the driver.`,
    });
  if (found !== null) machine.taken.set(keyOf(choice, 'products'), found);
  return { name: choice, report: { used: describeDevice(choice), why: 'it was asked for', refused: [] } };
}

/**
 * The device to go on with after `lost` failed in mid-run: the next that is accepted, at last the CPU. The report stays
 * the run's own, whoever holds it, and names both from now on.
 */
export async function nextDevice(lost: Device, reason: string, machine = thisMachine()): Promise<Device> {
  const { report } = lost;
  forgetDevice(lost, machine);
  const candidates = CANDIDATES[machine.platform] ?? [];
  const left = candidates.slice(candidates.indexOf(lost.name) + 1);
  const failed = { device: lost.name, reason };
  const next = await firstOf(left, [...report.refused, failed], machine);
  Object.assign(report, next.report, {
    used: `${report.used}, then ${next.report.used}`,
    lost: [...(report.lost ?? []), failed],
  });
  return { ...next, report };
}

/** A device that failed in mid-run is asked again by the next run. */
export function forgetDevice({ name }: Pick<Device, 'name'>, { taken } = thisMachine()): void {
  for (const question of ['products', 'rate'] as const) taken.delete(keyOf(name, question));
}

async function firstOf(names: Device['name'][], refusedBefore: Refusal[], machine: Machine): Promise<Device> {
  const refused = [...refusedBefore];
  for (const name of names) {
    const found = notBuilt(name, machine) ?? noHardware(name, machine) ?? (await ask(name, 'rate', machine));
    if ('rate' in found && found.rate > found.cpuRate) {
      const why = `${(found.rate / found.cpuRate).toPrecision(2)} times the CPU's rate`;
      machine.taken.set(keyOf(name, 'rate'), found);
      return { name, report: { used: describeDevice(name), why, refused } };
    }
    refused.push({ device: name, reason: 'reason' in found ? found.reason : slower(found) });
  }
  const why = names.length > 0 ? 'no other device is better' : 'no other device is known here';
  return { name: 'cpu', report: { used: describeDevice('cpu'), why, refused } };
}

function slower({ rate, cpuRate }: { rate: number; cpuRate: number }): string {
  return `slower than the CPU (${(rate / cpuRate).toPrecision(2)} of its rate).`;
}

/** Spares a machine without any GPU the start of a probe process for each provider. */
function noHardware(name: Device['name'], { platform, env, exists }: Machine): { reason: string } | null {
  const files = GPU_FILES[name];
  if (platform !== 'linux' || files === undefined || files.some(exists)) return null;
  if (name === 'webgpu' && VULKAN_DRIVERS.some((variable) => env[variable])) return null;
  return { reason: `the system shows no GPU for it (none of ${files.join(', ')}).` };
}

/** The runtime ignores the name of a provider that it was not built with and computes on the CPU instead. */
function notBuilt(name: Device['name'], { platform, built }: Machine): { reason: string } | null {
  return built.includes(name)
    ? null
    : { reason: `ONNX Runtime for ${platform} comes without it (it has ${built.join(', ')}).` };
}

/** Answers of devices that were taken are known: what was refused, or too slow, is asked again by the next run. */
async function ask(name: Device['name'], question: Question, machine: Machine): Promise<ProbeAnswer> {
  const answer = machine.taken.get(keyOf(name, question)) ?? (await probe(name, question, machine));
  const unloaded = name === 'cuda' && 'reason' in answer && /load shared library/.test(answer.reason);
  // The provider of CUDA is no part of the package; what it needs of the system may be missing as well.
  return unloaded
    ? { reason: `${answer.reason} (\`clipcov cuda\` tells how to fetch ONNX Runtime's part).` }
    : answer;
}

const keyOf = (name: Device['name'], question: Question): string => `${name} ${question}`;
