import { statfs } from 'node:fs/promises';
import { constrainedMemory, version as nodeVersion, versions } from 'node:process';
import { arch, freemem, platform, release, totalmem } from 'node:os';
import { version as duckdbVersion } from '@duckdb/node-api';
import { env } from 'onnxruntime-node';
import sharp from 'sharp';
import { chooseDevice } from '../../engine/chooseDevice.js';
import { thisMachine } from '../../engine/machine.js';
import { ClipcovError } from '../../errors.js';
import type { DoctorFinding } from '../../protocol/doctor.js';
import type { DeviceChoice } from '../../protocol/fields.js';

const GiB = 2 ** 30;
/** What the runtime, DuckDB and the decoder take beside the memory that a selection keeps to, in bytes. */
const BESIDES = GiB;
/** Room below which a catalogue or a small store may already fail, in bytes. */
const LITTLE_ROOM = GiB;

const size = (bytes: number): string => `${(bytes / GiB).toFixed(1)} GiB`;

export function versionsFound(): DoctorFinding {
  const libraries = [
    `Node.js ${nodeVersion}`,
    `ONNX Runtime ${env.versions.node ?? env.versions.common}`,
    `DuckDB ${duckdbVersion()}`,
    `libvips ${sharp.versions.vips}`,
    ...(versions['electron'] ? [`Electron ${versions['electron']}`] : []),
  ];
  return {
    check: 'versions',
    state: 'ok',
    found: `${libraries.join(', ')} on ${platform()} ${release()} ${arch()}`,
  };
}

/** The device that a run would take, and why no other. */
export async function deviceFound(choice: DeviceChoice): Promise<DoctorFinding[]> {
  try {
    // Asked anew, whatever earlier runs found.
    const { report } = await chooseDevice(choice, { ...thisMachine(), taken: new Map() });
    return [
      { check: 'device', state: 'ok', found: report.why ? `${report.used}: ${report.why}` : report.used },
      ...report.refused.map(({ device, reason }): DoctorFinding => ({
        check: 'device',
        state: 'note',
        found: `not ${device}: ${reason}`,
      })),
    ];
  } catch (error) {
    return [failed('device', error)];
  }
}

/** `budget` is what a selection may keep, in GiB. */
export function memoryFound(budget: number): DoctorFinding {
  const limit = constrainedMemory();
  // Without a limit the system answers with a number beyond all memory, or none.
  const total = limit > 0 && limit < totalmem() ? limit : totalmem();
  const found = `${size(total)}${total < totalmem() ? ' allowed to this process' : ''}, ${size(freemem())} of the machine's free; a selection keeps to ${budget} GiB`;
  if (total >= budget * GiB + BESIDES) return { check: 'memory', state: 'ok', found };
  return {
    check: 'memory',
    state: 'warning',
    found,
    fix: `Give less with --memory (setting clipcov.memory): a GiB goes to the model and the catalogue besides.`,
  };
}

/** Room where a dataset's embeddings go; `wanted` are the bytes still to come. */
export async function diskFound(folder: string, wanted: number): Promise<DoctorFinding> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const found = `${size(free)} free${wanted > 0 ? `, about ${size(wanted)} to come` : ''}`;
  if (free > wanted + LITTLE_ROOM) return { check: 'disk', state: 'ok', found, where: folder };
  return {
    check: 'disk',
    state: free > wanted ? 'warning' : 'failed',
    found,
    where: folder,
    fix: 'Make room, or keep embeddings in another folder (--store, setting clipcov.storeFolder).',
  };
}

export function failed(check: DoctorFinding['check'], error: unknown): DoctorFinding {
  const message = error instanceof Error ? error.message : String(error);
  const { where, fix } = error instanceof ClipcovError ? error : { where: null, fix: null };
  return { check, state: 'failed', found: message, ...(where && { where }), ...(fix && { fix }) };
}
