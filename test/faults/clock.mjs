// Loaded before a program: its calendar begins in another century, and each look at it jumps, back as often as forth.
const Calendar = Date;
const HOUR = 3_600_000;
const JUMPS = [0, 9_000 * HOUR, -3 * HOUR, HOUR / 7, -20_000 * HOUR, 5];
const BEGIN = Calendar.UTC(2099, 11, 31, 23, 59, 59, 990);
let looks = 0;
const now = () => BEGIN + JUMPS[looks++ % JUMPS.length];

globalThis.Date = class Date extends Calendar {
  constructor(...given) {
    super(...(given.length === 0 ? [now()] : given));
  }

  static now() {
    return now();
  }
};
