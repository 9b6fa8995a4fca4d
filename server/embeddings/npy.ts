import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { ClipcovError } from '../errors.js';
import { halfToFloat } from '../rows/float16.js';

/** A matrix in a `.npy` file (numpy format 1.0 to 3.0). */
export interface NpyMatrix {
  file: string;
  rows: number;
  columns: number;
  type: 'f2' | 'f4' | 'f8';
  /** Byte at which the first row starts. */
  dataOffset: number;
}

const MAGIC = '\x93NUMPY';
const BYTES = { f2: 2, f4: 4, f8: 8 } as const;

/**
 * Reads the header of a two-dimensional `.npy` file and checks that the file holds all of its rows. `place` names the
 * bytes of an array that lies inside another file.
 */
export function openNpy(file: string, place?: { start: number; length: number }): NpyMatrix {
  const descriptor = open(file);
  try {
    const { start, length } = place ?? { start: 0, length: fstatSync(descriptor).size };
    const head = Buffer.alloc(12);
    readSync(descriptor, head, 0, 12, start);
    if (head.toString('latin1', 0, 6) !== MAGIC)
      throw unreadable(file, 'it does not start with the .npy signature');
    const wide = head[6]! >= 2;
    const headerLength = wide ? head.readUInt32LE(8) : head.readUInt16LE(8);
    const headerStart = wide ? 12 : 10;
    if (headerLength > 65_536) throw unreadable(file, 'its header is longer than 64 KiB');
    const text = Buffer.alloc(headerLength);
    if (readSync(descriptor, text, 0, headerLength, start + headerStart) < headerLength)
      throw unreadable(file, 'it ends inside its header');
    const matrix = {
      file,
      ...parseHeader(file, text.toString('latin1')),
      dataOffset: start + headerStart + headerLength,
    };
    const expected = headerStart + headerLength + matrix.rows * matrix.columns * BYTES[matrix.type];
    if (length !== expected)
      throw unreadable(
        file,
        `its header promises ${expected} bytes, ${place ? 'the array' : 'the file'} has ${length}`,
      );
    return matrix;
  } finally {
    closeSync(descriptor);
  }
}

function open(file: string): number {
  try {
    return openSync(file, 'r');
  } catch (cause) {
    throw new ClipcovError('npy-unreadable', `The embedding file cannot be opened.`, {
      where: file,
      fix: 'Check that the file exists and may be read.',
      cause,
    });
  }
}

function unreadable(file: string, why: string): ClipcovError {
  return new ClipcovError('npy-unreadable', `The embedding file cannot be read: ${why}.`, {
    where: file,
    fix: 'Write it again, for instance with numpy.save: two-dimensional, C order, float16, float32 or float64.',
  });
}

function parseHeader(file: string, header: string): Pick<NpyMatrix, 'rows' | 'columns' | 'type'> {
  const descr = /'descr':\s*'([^']*)'/.exec(header)?.[1] ?? '?';
  const type = /^<(f2|f4|f8)$/.exec(descr)?.[1] as NpyMatrix['type'] | undefined;
  if (!type) throw unreadable(file, `its type is '${descr}', not little-endian float16, float32 or float64`);
  if (!/'fortran_order':\s*False/.test(header)) throw unreadable(file, 'it is in Fortran order');
  const shape = /'shape':\s*\((\d+),\s*(\d+),?\s*\)/.exec(header);
  if (!shape) throw unreadable(file, 'it is not two-dimensional');
  return { rows: Number(shape[1]), columns: Number(shape[2]), type };
}

/** The bytes of a float16 `.npy` file of shape [rows, columns], laid out as numpy.save does (64-byte aligned). */
export function npyBytes(values: Uint16Array, columns: number): Buffer {
  const rows = columns ? values.length / columns : 0;
  const data = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return npyFile(`'<f2'`, `(${rows}, ${columns})`, data);
}

/** The bytes of a `.npy` file; `descr` and `shape` as Python writes them. */
export function npyFile(descr: string, shape: string, data: Uint8Array): Buffer {
  return Buffer.concat([npyHeader(descr, shape), data]);
}

/** What such a file begins with. */
export function npyHeader(descr: string, shape: string): Buffer {
  const description = `{'descr': ${descr}, 'fortran_order': False, 'shape': ${shape}, }`;
  const padding = (64 - ((10 + description.length + 1) % 64)) % 64;
  const header = `${description}${' '.repeat(padding)}\n`;
  const head = Buffer.alloc(10);
  head.write(MAGIC, 'latin1');
  head[6] = 1;
  head.writeUInt16LE(header.length, 8);
  return Buffer.concat([head, Buffer.from(header, 'latin1')]);
}

/** Reads rows [first, first + rows) as float32; float16 and float32 exactly, float64 rounded. */
export function readNpyRows(matrix: NpyMatrix, first: number, target: Float32Array): void {
  const count = target.length;
  if (matrix.type === 'f4') {
    readInto(matrix, first, target);
  } else if (matrix.type === 'f2') {
    const half = new Uint16Array(count);
    readInto(matrix, first, half);
    halfToFloat(half, target);
  } else {
    const double = new Float64Array(count);
    readInto(matrix, first, double);
    target.set(double);
  }
}

/** Reads rows of a float16 file as bit patterns, starting at row `first`, until `target` is full. */
export function readHalfRows(matrix: NpyMatrix, first: number, target: Uint16Array): void {
  readInto(matrix, first, target);
}

function readInto(matrix: NpyMatrix, first: number, target: Uint16Array | Float32Array | Float64Array): void {
  const descriptor = open(matrix.file);
  try {
    const start = matrix.dataOffset + first * matrix.columns * BYTES[matrix.type];
    let done = 0;
    while (done < target.byteLength) {
      // One read returns at most 2^31 bytes; ask for less.
      const length = Math.min(target.byteLength - done, 2 ** 30);
      const read = readSync(
        descriptor,
        new Uint8Array(target.buffer, target.byteOffset + done, length),
        0,
        length,
        start + done,
      );
      if (read === 0) throw unreadable(matrix.file, 'it ends before its last row');
      done += read;
    }
  } finally {
    closeSync(descriptor);
  }
}
