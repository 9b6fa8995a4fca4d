import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { floatToHalf, halfToFloat, narrowFloats, widenHalf } from '../../../server/rows/float16.js';
import { nearestHalf, valueOfHalf } from '../embeddings/halfReference.js';

const ALL = Uint16Array.from({ length: 65_536 }, (_, bits) => bits);
const hex = (bits: number): string => `0x${bits.toString(16)}`;

describe('half precision', () => {
  it('has the value IEEE 754 gives each of the 65,536 patterns', () => {
    const values = new Float32Array(ALL.length);
    halfToFloat(ALL, values);
    const wrong = [...ALL].filter((bits) => !Object.is(values[bits], valueOfHalf(bits)));
    expect(wrong.map(hex)).toEqual([]);
  });

  it('comes back from float32 as the pattern it was; a NaN stays one', () => {
    const values = new Float32Array(ALL.length);
    halfToFloat(ALL, values);
    const wrong = [...ALL].filter((bits) => {
      const back = floatToHalf(values[bits]!);
      return Number.isNaN(values[bits]) ? !Number.isNaN(valueOfHalf(back)) : back !== bits;
    });
    expect(wrong.map(hex)).toEqual([]);
  });

  it('rounds halfway between two neighbours to the even pattern, and beside it to the nearer one', () => {
    const step = (value: number, by: number): number => {
      const view = new DataView(new ArrayBuffer(4));
      view.setFloat32(0, value);
      view.setUint32(0, view.getUint32(0) + by);
      return view.getFloat32(0);
    };
    const wrong: string[] = [];
    for (let bits = 0; bits < 0x7bff; bits++) {
      const halfway = (valueOfHalf(bits) + valueOfHalf(bits + 1)) / 2;
      const even = bits % 2 === 0 ? bits : bits + 1;
      const found = [halfway, -halfway, step(halfway, -1), step(halfway, 1)].map(floatToHalf);
      if (found.join() !== [even, even + 0x8000, bits, bits + 1].join()) wrong.push(hex(bits));
    }
    expect(wrong).toEqual([]);
  });

  it('overflows to infinity from 65,520 on, not before', () => {
    expect(floatToHalf(65_519.996)).toBe(0x7bff);
    expect(floatToHalf(65_520)).toBe(0x7c00);
    expect(floatToHalf(-65_520)).toBe(0xfc00);
    expect(floatToHalf(3.4e38)).toBe(0x7c00);
    expect(floatToHalf(-Infinity)).toBe(0xfc00);
  });

  it('rounds any float32 to the nearest half', () => {
    const float32 = fc
      .integer({ min: 0, max: 2 ** 32 - 1 })
      .map((bits) => new Float32Array(Uint32Array.of(bits).buffer)[0]!);
    // Bit patterns at random are mostly far out of range; ordinary numbers are asked for too.
    const ordinary = fc.double({ min: -70_000, max: 70_000, noNaN: true }).map(Math.fround);
    const tiny = fc.double({ min: -(2 ** -13), max: 2 ** -13, noNaN: true }).map(Math.fround);
    fc.assert(
      fc.property(fc.oneof(float32, ordinary, tiny), (value) => {
        // JavaScript does not say which sign a NaN has.
        if (Number.isNaN(value)) expect(valueOfHalf(floatToHalf(value))).toBeNaN();
        else expect(floatToHalf(value)).toBe(nearestHalf(value));
      }),
      { numRuns: 20_000 },
    );
  });

  it('narrows a stretch of floats as it narrows each', () => {
    const random = fc.float32Array({ minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(random, fc.nat(3), (values, skipped) => {
        const source = values.subarray(Math.min(skipped, values.length));
        const target = new Uint16Array(source.length + 1).fill(7);
        narrowFloats(source, target);
        expect([...target]).toEqual([...[...source].map(floatToHalf), 7]);
      }),
      { numRuns: 2000 },
    );
  });

  it('widens a range into a range and touches nothing else', () => {
    const source = Uint16Array.of(0x3c00, 0x4000, 0xc000, 0x3800);
    const target = new Float32Array(5).fill(9);
    widenHalf(source, 1, target, 2, 2);
    expect([...target]).toEqual([9, 9, 2, -2, 9]);
  });
});
