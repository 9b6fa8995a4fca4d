import fc from 'fast-check';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { npyBytes, openNpy, readHalfRows, readNpyRows } from '../../../server/embeddings/npy.js';
import { ClipcovError } from '../../../server/errors.js';
import { scratchFolder } from '../cli.js';
import { nearestHalf, valueOfHalf } from './halfReference.js';
import { dataOf, npyFile, npyHeader, npyOf, put, type NpyType } from './npyFiles.js';

const folder = scratchFolder();
const file = (name: string, content: string | Uint8Array): string => put(join(folder, name), content);

function refusal(path: string): ClipcovError {
  try {
    openNpy(path);
  } catch (error) {
    expect(error).toBeInstanceOf(ClipcovError);
    return error as ClipcovError;
  }
  throw new Error(`${path} was opened`);
}

describe('npyBytes', () => {
  it('writes the bytes that numpy.save writes for float16 [[1, -2, 0.5], [65504, 6e-8, -0]]', () => {
    const half = Uint16Array.of(0x3c00, 0xc000, 0x3800, 0x7bff, 0x0001, 0x8000);
    const expected = Buffer.concat([
      // \x93NUMPY, version 1.0, header of 118 bytes: 128 in all, a multiple of 64.
      Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0]),
      Buffer.from(`{'descr': '<f2', 'fortran_order': False, 'shape': (2, 3), }`.padEnd(117) + '\n', 'latin1'),
      Buffer.from([0x00, 0x3c, 0x00, 0xc0, 0x00, 0x38, 0xff, 0x7b, 0x01, 0x00, 0x00, 0x80]),
    ]);
    expect(npyBytes(half, 3)).toEqual(expected);
  });

  it('aligns the data to 64 bytes and keeps an empty part readable', () => {
    for (const rows of [0, 1, 9, 10, 99_999]) {
      const bytes = npyBytes(new Uint16Array(rows * 2), 2);
      expect((bytes.length - rows * 4) % 64).toBe(0);
      const opened = openNpy(file(`aligned-${rows}.npy`, bytes));
      expect(opened).toMatchObject({
        rows,
        columns: 2,
        type: 'f2',
        dataOffset: bytes.length - rows * 4,
      });
    }
  });
});

describe('openNpy and readNpyRows', () => {
  it('give back any rows of any of the three types, from any row on', () => {
    const matrix = fc.integer({ min: 1, max: 5 }).chain((columns) =>
      fc.array(fc.array(fc.float({ noDefaultInfinity: true }), { minLength: columns, maxLength: columns }), {
        minLength: 1,
        maxLength: 12,
      }),
    );
    fc.assert(
      fc.property(
        matrix,
        fc.constantFrom<NpyType[]>('f2', 'f4', 'f8'),
        fc.constantFrom<(1 | 2 | 3)[]>(1, 2, 3),
        fc.nat(),
        (rows, type, version, from) => {
          const columns = rows[0]!.length;
          const header = npyHeader(`<${type}`, `(${rows.length}, ${columns})`);
          const opened = openNpy(file('any.npy', npyFile(header, dataOf(rows, type), version)));
          expect(opened).toMatchObject({ rows: rows.length, columns, type });
          const first = from % rows.length;
          const expected = rows
            .slice(first)
            .flat()
            .map((value) => (type === 'f2' ? valueOfHalf(nearestHalf(value)) : Math.fround(value)));
          const target = new Float32Array(expected.length);
          readNpyRows(opened, first, target);
          expect([...target]).toEqual(expected);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('reads float16 as bit patterns, NaN payloads included', () => {
    const patterns = Uint16Array.from({ length: 65_536 }, (_, bits) => bits);
    const opened = openNpy(file('bits.npy', npyBytes(patterns, 256)));
    const target = new Uint16Array(2 * 256);
    readHalfRows(opened, 254, target);
    expect([...target]).toEqual([...patterns.subarray(254 * 256)]);
  });

  it('takes a header as other writers space it', () => {
    const header = `{'shape': (2,2,), 'fortran_order':False,'descr':  '<f4'}`;
    const rows = [
      [1, 2],
      [3, 4],
    ];
    expect(openNpy(file('spaced.npy', npyFile(header, dataOf(rows, 'f4'))))).toMatchObject({
      rows: 2,
      columns: 2,
      type: 'f4',
    });
  });
});

describe('openNpy refuses with the file and the reason', () => {
  const rows = [
    [1, 2, 3],
    [4, 5, 6],
  ];
  const good = npyOf(rows, 'f4');
  const data = dataOf(rows, 'f4');
  const huge = Buffer.concat([
    Buffer.from('\x93NUMPY', 'latin1'),
    Buffer.of(2, 0, 255, 255, 255, 127),
    Buffer.alloc(64),
  ]);
  const cases: [string, Uint8Array | string, RegExp][] = [
    ['Fortran order', npyFile(npyHeader('<f4', '(2, 3)', 'True'), data), /Fortran order/],
    ['big-endian', npyFile(npyHeader('>f4', '(2, 3)'), data), /'>f4'.*little-endian/],
    ['integers', npyFile(npyHeader('<i4', '(2, 3)'), data), /'<i4'/],
    [
      'structured',
      npyFile(`{'descr': [('f0', '<u8')], 'fortran_order': False, 'shape': (2, 3), }`, data),
      /its type/,
    ],
    ['one dimension', npyFile(npyHeader('<f4', '(6,)'), data), /not two-dimensional/],
    ['three dimensions', npyFile(npyHeader('<f4', '(1, 2, 3)'), data), /not two-dimensional/],
    ['truncated rows', good.subarray(0, good.length - 1), /promises \d+ bytes, the file has \d+/],
    ['bytes too many', Buffer.concat([good, Buffer.of(0)]), /promises \d+ bytes, the file has \d+/],
    ['empty', '', /signature/],
    ['another magic', Buffer.concat([Buffer.from('PK\x03\x04'), good]), /signature/],
    ['huge header', huge, /longer than 64 KiB/],
    ['rows beyond any file', npyFile(npyHeader('<f4', '(999999999999, 999999)'), data), /promises/],
  ];
  for (const [name, content, reason] of cases)
    it(name, () => {
      const path = file(`${name.replaceAll(' ', '-')}.npy`, content);
      const error = refusal(path);
      expect(error.message).toMatch(reason);
      expect(error.where).toBe(path);
      expect(error.fix).toMatch(/numpy\.save/);
    });

  it('a file that ends in its header, as that and not as Fortran order', () => {
    expect(refusal(file('cut-off.npy', good.subarray(0, 40))).message).not.toMatch(/Fortran order/);
  });

  it('a file that is not there', () => {
    const error = refusal(join(folder, 'nowhere.npy'));
    expect(error.message).toMatch(/cannot be opened/);
    expect(error.where).toBe(join(folder, 'nowhere.npy'));
  });
});
