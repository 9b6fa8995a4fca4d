import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { writeAside } from '../embeddings/aside.js';
import { forgetOldest } from '../embeddings/keptFiles.js';
import type { ProxyModel } from '../embeddings/model.js';
import type { Device } from '../engine/device.js';

const MAGIC = 'CLIPCOV classes 1\n';
const KEPT = 4;
const EXTENSION = '.classes';

/** What the embeddings of class names depend on. */
interface ClassesFrom {
  model: Pick<ProxyModel, 'fingerprint' | 'dim'>;
  device: Device['name'];
  names: readonly string[];
  templates: readonly string[];
}

/** Where they are kept. Nothing else depends on this file, so it may be removed at any time. */
export function keptClassesFile(home: string, { model, device, names, templates }: ClassesFrom): string {
  const from = JSON.stringify([model.fingerprint, model.dim, device, names, templates]);
  const name = createHash('sha256').update(MAGIC).update(from).digest('hex').slice(0, 32);
  return join(home, 'classified', `${name}${EXTENSION}`);
}

/** t_k as they were kept, [names, dim]; null where they were not, or are damaged. */
export async function readKeptClasses(file: string, values: number): Promise<Float64Array | null> {
  const bytes = await readFile(file).catch(() => null);
  const head = MAGIC.length + 4;
  if (bytes?.length !== head + 8 * values || bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) return null;
  const body = bytes.subarray(head);
  if (crc32(body) !== bytes.readUInt32LE(MAGIC.length)) return null;
  // Copied, as numbers may only be read where they are aligned.
  return new Float64Array(body.buffer.slice(body.byteOffset, body.byteOffset + body.length));
}

/** Keeps them for the next run. Not being able to costs that run time and nothing else. */
export async function keepClasses(
  file: string,
  { buffer, byteOffset, byteLength }: Float64Array,
  makeHome: () => Promise<void>,
): Promise<void> {
  const body = new Uint8Array(buffer, byteOffset, byteLength);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32LE(crc32(body));
  try {
    await makeHome();
    await writeAside(file, Buffer.concat([Buffer.from(MAGIC), checksum, body]));
    await forgetOldest(dirname(file), EXTENSION, KEPT);
  } catch {
    // A store that cannot be written to has them embedded again next time.
  }
}
