/** How a language writes numbers. */
export interface Figures {
  /** Without decimals. */
  whole(value: number): string;
  /** Three significant digits. */
  short(value: number): string;
  /** At most four decimals. */
  figure(value: number): string;
  /** Three decimals, without groups. */
  even(value: number): string;
  /** One decimal and a power of ten. */
  tiny(value: number): string;
}

/** Marks of decimals and of groups in the languages of the product. */
const MARKS: Readonly<Record<string, readonly [string, string]>> = {
  en: ['.', ','],
  'en-US': ['.', ','],
  de: [',', '.'],
};

/** Numbers in a language; those of English where there is none. A panel waits for this: its own languages are written here. */
export function figuresOf(language: string): Figures {
  const marks = MARKS[language || 'en-US'];
  if (!marks) return ofBrowser(language);
  const own = written(...marks);
  let others: Figures | null = null;
  const by =
    (name: keyof Figures) =>
    (value: number): string =>
      isUsual(value) ? own[name](value) : (others ??= ofBrowser(language || 'en-US'))[name](value);
  return {
    ...{ whole: by('whole'), short: by('short'), figure: by('figure') },
    ...{ even: by('even'), tiny: by('tiny') },
  };
}

/** A file may hold any number; these are few enough digits to be moved without a loss. */
function isUsual(value: number): boolean {
  const size = Math.abs(value);
  return Object.is(value, 0) || (size >= 1e-60 && size < 1e11);
}

function written(point: string, group: string): Figures {
  const grouped = (digits: string): string => {
    const [whole = '', fraction] = digits.split('.');
    const groups = whole.replace(/\B(?=(\d{3})+$)/g, group);
    return fraction === undefined ? groups : `${groups}${point}${fraction}`;
  };
  return {
    whole: (value) => grouped(rounded(value, 0)),
    short: (value) => grouped(shortest(rounded(value, 2 - magnitude(value)))),
    figure: (value) => grouped(shortest(rounded(value, 4))),
    even: (value) => rounded(value, 3).replace('.', point),
    tiny: (value) => {
      const cut = Number(rounded(value, 1 - magnitude(value)));
      const power = magnitude(cut);
      return `${rounded(shift(cut, -power), 1).replace('.', point)}E${power}`;
    },
  };
}

/** Half is rounded away from zero, by the digits that a number is written with. */
function rounded(value: number, decimals: number): string {
  const shifted = Math.round(shift(Math.abs(value), decimals));
  const digits = shift(shifted, -decimals).toFixed(Math.max(0, decimals));
  return value < 0 ? `-${digits}` : digits;
}

/** A number times a power of ten, as moving its point gives it: a product would be rounded a second time. */
function shift(value: number, by: number): number {
  const [digits, power = '0'] = String(value).split('e');
  return Number(`${digits}e${Number(power) + by}`);
}

/** The power of ten of the first digit. */
function magnitude(value: number): number {
  return value === 0 ? 0 : Number(value.toExponential().split('e')[1]);
}

function shortest(digits: string): string {
  return digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits;
}

/** For any other language: the first time that its tables are asked, the browser reads those of all languages. */
function ofBrowser(language: string): Figures {
  const [locale = 'en-US'] = Intl.NumberFormat.supportedLocalesOf([language]);
  const by = (options: Intl.NumberFormatOptions): ((value: number) => string) => {
    const format = new Intl.NumberFormat(locale, options);
    return (value) => format.format(value);
  };
  return {
    whole: by({ maximumFractionDigits: 0 }),
    short: by({ maximumSignificantDigits: 3 }),
    figure: by({ maximumFractionDigits: 4 }),
    even: by({ minimumFractionDigits: 3, maximumFractionDigits: 3, useGrouping: false }),
    tiny: by({ notation: 'scientific', minimumFractionDigits: 1, maximumFractionDigits: 1 }),
  };
}
