import { count, evenScore, percent } from '../text/format.js';
import { t } from '../text/l10n.js';
import { visibleText } from '../text/visible.js';
import type { MapData } from './mapData.js';

/** What points are coloured by; a number is the place of another subset. */
export type ColourBy = 'picked' | 'class' | 'score' | 'rank' | `other-${number}`;

/** Colours of a theme, by place in the palette: muted, then six apart from each other, then a scale from low to high. */
export const [MUTED, FIRST_CLASS, CLASSES, FIRST_STEP, STEPS] = [0, 1, 6, 7, 6];
export const PALETTE = FIRST_STEP + STEPS;

export interface LegendEntry {
  label: string;
  /** Place in the palette. */
  colour: number;
  count: number;
}

export interface Colouring {
  /** Place in the legend of each row, by row. */
  entries: Uint8Array;
  legend: LegendEntry[];
}

/** A colour for each pair, and what it stands for; `other` are ranks in the subset that is compared. */
export function colouring(data: MapData, by: ColourBy, other: Float32Array | null): Colouring {
  switch (by) {
    case 'picked':
      return filled(data, [entry(t('Not picked'), MUTED), entry(t('Picked'), FIRST_CLASS)], (row) =>
        data.ranks[row]! >= 0 ? 1 : 0,
      );
    case 'class':
      return byClass(data);
    case 'score':
      return byStep(data, data.scores, t('No score'), (from, to) => `${evenScore(from)} – ${evenScore(to)}`);
    case 'rank':
      return byStep(
        data,
        Float32Array.from(data.ranks, (rank) => (rank < 0 ? NaN : rank + 1)),
        t('Not picked'),
        (from, to) => t('Picks {0} to {1}', count(Math.ceil(from)), count(Math.floor(to))),
        true,
      );
    default:
      return byOther(data, data.view.others[Number(by.slice('other-'.length))]?.name ?? '', other);
  }
}

function entry(label: string, colour: number): LegendEntry {
  return { label, colour, count: 0 };
}

/** Pairs without a place are not drawn, so they are not counted. */
function filled(data: MapData, legend: LegendEntry[], of: (row: number) => number): Colouring {
  const entries = new Uint8Array(data.view.rows);
  for (let row = 0; row < entries.length; row++) {
    const place = (entries[row] = of(row));
    if (!Number.isNaN(data.points[2 * row]!)) legend[place]!.count++;
  }
  return { entries, legend };
}

/** The largest classes by the number of their pairs; there are not enough colours for more. */
function byClass(data: MapData): Colouring {
  const sizes = new Int32Array(data.view.classes.length);
  for (const own of data.classes) if (own >= 0) sizes[own]!++;
  const largest = [...sizes.keys()]
    .filter((k) => sizes[k]! > 0)
    .sort((a, b) => sizes[b]! - sizes[a]! || a - b)
    .slice(0, CLASSES);
  const places = new Uint8Array(sizes.length);
  largest.forEach((k, i) => (places[k] = i + 1));
  const legend = [
    entry(t('Other classes'), MUTED),
    ...largest.map((k, i) => entry(visibleText(data.view.classes[k] ?? ''), FIRST_CLASS + i)),
  ];
  return filled(data, legend, (row) => (data.classes[row]! < 0 ? 0 : places[data.classes[row]!]!));
}

/** Steps of equal width between the 1st and the 99th percentile, or from end to end. */
function byStep(
  data: MapData,
  values: Float32Array,
  none: string,
  label: (from: number, to: number) => string,
  whole = false,
): Colouring {
  const known = values.filter((value) => !Number.isNaN(value)).sort();
  const [low, high] = whole
    ? [known[0] ?? 0, known.at(-1) ?? 1]
    : [known[Math.floor(known.length * 0.01)] ?? 0, known[Math.floor(known.length * 0.99)] ?? 1];
  const width = Math.max(high - low, 1e-9) / STEPS;
  const legend = [
    entry(none, MUTED),
    ...Array.from({ length: STEPS }, (_, i) =>
      entry(label(low + i * width, low + (i + 1) * width), FIRST_STEP + i),
    ),
  ];
  return filled(data, legend, (row) => {
    const value = values[row]!;
    if (Number.isNaN(value)) return 0;
    return 1 + Math.max(0, Math.min(STEPS - 1, Math.floor((value - low) / width)));
  });
}

function byOther(data: MapData, name: string, other: Float32Array | null): Colouring {
  const legend = [
    entry(t('In neither'), MUTED),
    entry(t('Only in this subset'), FIRST_CLASS),
    entry(t('Only in {0}', visibleText(name)), FIRST_CLASS + 1),
    entry(t('In both'), FIRST_CLASS + 2),
  ];
  return filled(data, legend, (row) => (data.ranks[row]! >= 0 ? 1 : 0) + (other && other[row]! >= 0 ? 2 : 0));
}

/** What a screen reader and the status line say of a pair. */
export function pairText(data: MapData, row: number): string {
  const [rank, score, own] = [data.ranks[row]!, data.scores[row]!, data.classes[row]!];
  return [
    rank >= 0 ? t('Pick {0}', count(rank + 1)) : t('Not picked'),
    own >= 0 ? visibleText(data.view.classes[own] ?? '') : t('No candidate'),
    Number.isNaN(score) ? null : `CLIP ${evenScore(score)}`,
  ]
    .filter(Boolean)
    .join(' · ');
}

export function shareText(part: number, all: number): string {
  return `${count(part)} (${percent(part, all)})`;
}
