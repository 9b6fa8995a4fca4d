import { figuresOf } from './figures.js';
import { pageLanguage } from './l10n.js';

const { whole, short, figure, even, tiny } = figuresOf(pageLanguage());

export function count(value: number): string {
  return whole(value);
}

/** A rate: three significant digits, more only where they are whole. */
export function rate(value: number): string {
  return value >= 100 ? whole(value) : short(value);
}

/** A score or a measure; large values lose the digits that nobody reads. */
export function score(value: number): string {
  const size = Math.abs(value);
  // What is left of numbers that cancel.
  if (size < 1e-12) return whole(0);
  if (size >= 10_000) return minus(whole(value));
  if (size > 0 && size < 0.001) return minus(tiny(value).toLowerCase());
  return minus(figure(Number(value.toPrecision(4))));
}

/** A score among others of its kind: alike many digits, so that they can be compared at a glance. */
export function evenScore(value: number): string {
  return minus(even(value));
}

export function percent(part: number, all: number): string {
  return all > 0 ? `${short((part / all) * 100)} %` : '0 %';
}

export function bytes(value: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let unit = 0;
  let size = value;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${short(size)} ${units[unit]}`;
}

/** `45 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  const rounded = Math.max(0, Math.round(seconds));
  if (rounded < 60) return `${rounded} s`;
  const minutes = Math.floor(rounded / 60);
  if (minutes < 60) return rounded % 60 ? `${minutes} min ${rounded % 60} s` : `${minutes} min`;
  return minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${minutes / 60} h`;
}

/** A true minus is as wide as a plus, and read as a minus. */
function minus(text: string): string {
  return text.replaceAll('-', '−');
}
