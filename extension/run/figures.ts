import type { JobProgress, Stage, STAGES } from '../../server/protocol/progress.js';

const ORDER: typeof STAGES = ['classes', 'read', 'embed', 'classify', 'select', 'write', 'evaluate'];

let locale = 'en-US';

/** The language that figures are written in: VS Code's own. */
export function setLocale(language: string): void {
  locale = Intl.NumberFormat.supportedLocalesOf([language])[0] ?? 'en-US';
}

/** `9,636` */
export function count(value: number): string {
  return value.toLocaleString(locale);
}

/** Whole percents of a stage; a stage of unknown length stays at 0. */
export function percentDone({ done, total }: Pick<JobProgress, 'done' | 'total'>): number {
  if (!(total > 0)) return 0;
  return Math.floor(Math.min(1, Math.max(0, done / total)) * 100);
}

/** A single bar over all stages; they count alike, since nobody knows their times beforehand. */
export function overallPercent(progress: Pick<JobProgress, 'stage' | 'done' | 'total'>): number {
  const at = (ORDER as readonly Stage[]).indexOf(progress.stage);
  // Stages of their own are the whole of what is going on.
  return at < 0 ? percentDone(progress) : (at * 100 + percentDone(progress)) / ORDER.length;
}

/** Three significant digits are as many as a rate deserves. */
export function shortNumber(value: number): string {
  return value.toLocaleString(
    locale,
    value >= 100 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 },
  );
}

/** `812 B`, `19.9 MB` */
export function byteCount(bytes: number): string {
  const power = Math.min(3, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${shortNumber(bytes / 1000 ** power)} ${['B', 'kB', 'MB', 'GB'][power]}`;
}

/** `45 s`, `3 min 20 s`, `2 h 5 min`. */
export function shortDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return whole % 60 ? `${minutes} min ${whole % 60} s` : `${minutes} min`;
  return minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${minutes / 60} h`;
}
