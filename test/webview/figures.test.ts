import fc from 'fast-check';
import { expect, it } from 'vitest';
import { figuresOf } from '../../webview/text/figures.js';

const numbers = fc.oneof(
  fc.double(),
  fc.double({ noNaN: true, min: -1e9, max: 1e9 }),
  fc.double({ noNaN: true, min: -1, max: 1 }),
  fc.integer({ min: -1e9, max: 1e9 }),
  // With few digits, so that many lie half-way between two that are written.
  fc.integer({ min: -1e7, max: 1e7 }).map((value) => value / 1e4),
  fc.constantFrom(0, 0.0005, 1.0005, 0.99995, 999.5, 999_999.5, 1e-7, 9.96e-4, 123_456_789.123),
);

it.each(['en', 'en-US', 'de'])('writes numbers as the browser does: %s', (language) => {
  const own = figuresOf(language);
  const of = (options: Intl.NumberFormatOptions): Intl.NumberFormat =>
    new Intl.NumberFormat(language, options);
  const whole = of({ maximumFractionDigits: 0 });
  const short = of({ maximumSignificantDigits: 3 });
  const figure = of({ maximumFractionDigits: 4 });
  const even = of({ minimumFractionDigits: 3, maximumFractionDigits: 3, useGrouping: false });
  const tiny = of({ notation: 'scientific', minimumFractionDigits: 1, maximumFractionDigits: 1 });
  fc.assert(
    fc.property(numbers, (value) => {
      expect(own.whole(value)).toBe(whole.format(value));
      expect(own.short(value)).toBe(short.format(value));
      expect(own.figure(value)).toBe(figure.format(value));
      expect(own.even(value)).toBe(even.format(value));
      expect(own.tiny(value)).toBe(tiny.format(value));
    }),
    { numRuns: 1000 },
  );
});

it('leaves other languages to the browser, and writes English where there is none', () => {
  expect(figuresOf('fr').figure(1234.5)).toBe(new Intl.NumberFormat('fr').format(1234.5));
  expect(figuresOf('fr').even(0.25)).toBe('0,250');
  expect(figuresOf('xx').whole(1234)).toBe('1,234');
  expect(figuresOf('').whole(1234)).toBe('1,234');
});
