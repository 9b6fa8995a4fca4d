import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { nearestHalf } from './halfReference.js';

export type NpyType = 'f2' | 'f4' | 'f8';

/** What `numpy.save` writes, put together by hand: signature, version, length of the header, header, rows. */
export function npyFile(header: string, data: Uint8Array, version: 1 | 2 | 3 = 1): Buffer {
  const start = version === 1 ? 10 : 12;
  const padded = `${header}${' '.repeat((64 - ((start + header.length + 1) % 64)) % 64)}\n`;
  const length = Buffer.alloc(start - 8);
  length.writeUIntLE(padded.length, 0, start - 8);
  return Buffer.concat([
    Buffer.from('\x93NUMPY', 'latin1'),
    Buffer.of(version, 0),
    length,
    Buffer.from(padded, 'latin1'),
    data,
  ]);
}

export function npyHeader(descr: string, shape: string, fortran = 'False'): string {
  return `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`;
}

/** The little-endian bytes of rows of numbers. */
export function dataOf(rows: number[][], type: NpyType): Uint8Array {
  const values = rows.flat();
  const bytes = new DataView(new ArrayBuffer(values.length * Number(type[1])));
  values.forEach((value, i) => {
    if (type === 'f2') bytes.setUint16(2 * i, nearestHalf(value), true);
    else if (type === 'f4') bytes.setFloat32(4 * i, value, true);
    else bytes.setFloat64(8 * i, value, true);
  });
  return new Uint8Array(bytes.buffer);
}

export function npyOf(rows: number[][], type: NpyType, columns = rows[0]!.length): Buffer {
  return npyFile(npyHeader(`<${type}`, `(${rows.length}, ${columns})`), dataOf(rows, type));
}

/** One part of a hand-made store: `number` as it stands in the file names. */
export interface MadePart {
  number: string;
  images: number[][] | null;
  texts: number[][] | null;
}

/** A bare store in clip-retrieval's layout, without metadata. */
export function makeStore(folder: string, parts: MadePart[], type: NpyType = 'f2'): string {
  mkdirSync(join(folder, 'img_emb'), { recursive: true });
  mkdirSync(join(folder, 'text_emb'), { recursive: true });
  for (const { number, images, texts } of parts)
    for (const [kind, rows] of [
      ['img_emb', images],
      ['text_emb', texts],
    ] as const)
      if (rows) put(join(folder, kind, `${kind}_${number}.npy`), npyOf(rows, type));
  return folder;
}

export function put(file: string, content: string | Uint8Array): string {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}
