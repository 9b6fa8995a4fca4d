import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Layout, moveFrom, type Section, type Stop } from '../../webview/pairs/layout.js';
import {
  bounded,
  conditionsOf,
  FIRST_LOOK,
  needsAllPairs,
  sortedBy,
  withCondition,
} from '../../webview/pairs/look.js';

const SIZES = { columns: 4, rowHeight: 100, headingHeight: 30 };
const section = (pairs: number, collapsed = false): Section => ({ name: 'a', pairs, picks: 0, collapsed });
const sections = fc.array(
  fc
    .record({ pairs: fc.integer({ min: 1, max: 40 }), collapsed: fc.boolean() })
    .map(({ pairs, collapsed }) => section(pairs, collapsed)),
  { minLength: 1, maxLength: 12 },
);

describe('Layout', () => {
  it('puts every pair that is not folded away in one place, in order, without gaps', () => {
    fc.assert(
      fc.property(sections, fc.integer({ min: 1, max: 7 }), (given, columns) => {
        const layout = new Layout(given, { ...SIZES, columns }, true);
        const seen: number[] = [];
        let top = 0;
        for (let row = 0; row < layout.rows; row++) {
          expect(layout.top(row)).toBe(top);
          expect(layout.rowAt(top)).toBe(row);
          expect(layout.rowAt(top + layout.heightOf(row) - 1)).toBe(row);
          top += layout.heightOf(row);
          const found = layout.row(row);
          if (found.kind === 'pairs')
            for (let i = 0; i < found.count; i++) {
              seen.push(found.first + i);
              expect(layout.stopOf(found.first + i)).toEqual({ row, column: i });
            }
        }
        expect(layout.height).toBe(top);
        let first = 0;
        const expected = given.flatMap(({ pairs, collapsed }) => {
          const own = Array.from({ length: collapsed ? 0 : pairs }, (_, i) => first + i);
          first += pairs;
          return own;
        });
        expect(seen).toEqual(expected);
      }),
    );
  });

  it('leads to the heading of a pair that is folded away', () => {
    const layout = new Layout([section(3), section(5, true), section(2)], SIZES, true);
    expect(layout.stopOf(4)).toEqual({ row: layout.headingRow(1), column: 0 });
    expect(layout.pairAt(layout.stopOf(4))).toBeNull();
  });

  it('holds a million pairs as one section', () => {
    const layout = Layout.of(1_000_001, SIZES);
    expect(layout.rows).toBe(250_001);
    expect(layout.row(250_000)).toEqual({ kind: 'pairs', section: 0, first: 1_000_000, count: 1 });
  });
});

describe('moveFrom', () => {
  const plain = Layout.of(11, SIZES);
  const at = (pair: number): Stop => plain.stopOf(pair);
  it.each([
    ['ArrowRight', false, 10, 10],
    ['ArrowLeft', false, 0, 0],
    ['ArrowRight', false, 3, 4],
    ['ArrowLeft', false, 4, 3],
    ['ArrowDown', false, 1, 5],
    ['ArrowDown', false, 7, 10],
    ['ArrowUp', false, 9, 5],
    ['Home', false, 6, 4],
    ['End', false, 9, 10],
    ['Home', true, 9, 0],
    ['End', true, 0, 10],
    ['PageDown', false, 0, 8],
    ['PageUp', false, 10, 2],
  ])('%s (ctrl %s) from pair %i leads to %i', (key, ctrl, from, to) => {
    expect(moveFrom(key, ctrl, at(from), plain, 200)).toEqual(at(to));
  });

  it('stops at headings, and reaches every stop by arrows', () => {
    fc.assert(
      fc.property(sections, (given) => {
        const layout = new Layout(given, SIZES, true);
        let stop: Stop = { row: 0, column: 0 };
        let stops = 1;
        for (;;) {
          const next = moveFrom('ArrowRight', false, stop, layout, 300)!;
          if (next.row === stop.row && next.column === stop.column) break;
          stop = next;
          stops++;
        }
        const shown = given.reduce((sum, { pairs, collapsed }) => sum + (collapsed ? 0 : pairs), 0);
        expect(stops).toBe(given.length + shown);
        for (let i = 1; i < stops; i++) stop = moveFrom('ArrowLeft', false, stop, layout, 300)!;
        expect(stop).toEqual({ row: 0, column: 0 });
      }),
    );
  });

  it('leaves other keys to the page', () => {
    expect(moveFrom('a', false, at(3), plain, 200)).toBeNull();
  });
});

describe('a look', () => {
  const { view } = FIRST_LOOK;
  it('sorts from the best end first, then the other way', () => {
    const once = sortedBy(view, 'clipScore');
    expect(once).toMatchObject({ sort: 'clipScore', descending: true });
    expect(sortedBy(once, 'clipScore')).toMatchObject({ sort: 'clipScore', descending: false });
  });

  it('holds no condition that bounds nothing', () => {
    const from = bounded({ selected: true }, 'gain', 'from', 0.5);
    expect(from).toEqual({ selected: true, ranges: { gain: { from: 0.5 } } });
    const both = bounded(from, 'gain', 'to', 0.7);
    expect(both.ranges).toEqual({ gain: { from: 0.5, to: 0.7 } });
    expect(bounded(bounded(both, 'gain', 'to', null), 'gain', 'from', null)).toEqual({ selected: true });
    expect(conditionsOf({ ...both, search: 'x' })).toBe(2);
    expect(withCondition({ search: 'x' }, 'search', undefined)).toEqual({});
  });

  it('needs the table of all pairs for what is not picked and for terms alone', () => {
    expect(needsAllPairs(view)).toBe(false);
    expect(needsAllPairs({ ...view, where: {} })).toBe(true);
    expect(needsAllPairs({ ...view, sort: 'inter' })).toBe(true);
    expect(needsAllPairs({ ...view, where: { selected: true, ranges: { gain: { from: 0 } } } })).toBe(false);
    expect(needsAllPairs({ ...view, where: { selected: true, ranges: { cross: { to: 1 } } } })).toBe(true);
  });
});
