import { expect, it } from 'vitest';
import { pointAt } from '../../webview/plots/cut.js';
import { LEFT, RIGHT, shareAt, WIDTH, xOf } from '../../webview/plots/shapes.js';

it('says what a part of the picks comes to, between the numbers that are known', () => {
  const curve = [
    { picks: 10, gain: 5, classes: 3, clipScore: 0.3, lowest: 0.25, scores: [0, 10] },
    { picks: 20, gain: 8, classes: 4, clipScore: 0.2, lowest: 0.125, scores: [4, 16] },
  ];
  expect(pointAt(curve, 10)).toEqual(curve[0]);
  expect(pointAt(curve, 3)).toEqual(curve[0]);
  expect(pointAt(curve, 20)).toEqual(curve[1]);
  expect(pointAt(curve, 15)).toEqual({
    ...{ picks: 15, gain: 6.5, classes: 3, clipScore: 0.25 },
    ...{ lowest: 0.1875, scores: [2, 13] },
  });
});

it('finds the budget under the pointer, however wide the plot is drawn', () => {
  for (const width of [180, WIDTH, 1111]) {
    const of = { left: 30, width };
    for (const share of [0, 0.25, 1]) {
      const place = of.left + (xOf(share) * width) / WIDTH;
      expect(shareAt(place, of)).toBeCloseTo(share, 9);
    }
    // Beside the axis there is no other budget than its ends.
    expect(shareAt(of.left + (LEFT / 2 / WIDTH) * width, of)).toBe(0);
    expect(shareAt(of.left + ((WIDTH - RIGHT / 2) / WIDTH) * width, of)).toBe(1);
  }
});
