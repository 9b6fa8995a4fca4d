import '../noTelemetry.js';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { listSupportedBackends } from 'onnxruntime-node';
import type { ProbeAnswer } from './probeAnswer.js';

/** What a choice is made from: this machine, where nothing else is given. */
export interface Machine {
  platform: NodeJS.Platform;
  /** Providers that the runtime was built with. */
  built: string[];
  env: NodeJS.ProcessEnv;
  exists: (file: string) => boolean;
  /** Script of the probe process, which is given the provider's name. */
  probe: string;
  /** Longer than any driver takes to start and compile the probe's shaders. */
  probeTimeoutMs: number;
  /** Answers of devices that were taken, by name and question: a process asks each once, until it is lost. */
  taken: Map<string, ProbeAnswer>;
}

const taken: Machine['taken'] = new Map();

export function thisMachine(): Machine {
  return {
    platform: process.platform,
    built: listSupportedBackends().map(({ name }) => name),
    env: process.env,
    exists: existsSync,
    // Where the bundles lie; from sources the probe is found in the built product.
    probe: fileURLToPath(
      new URL(import.meta.url.endsWith('.ts') ? '../../dist/probe.js' : './probe.js', import.meta.url),
    ),
    probeTimeoutMs: 30_000,
    taken,
  };
}
