import { PALETTE, STEPS } from './colouring.js';

type Colour = [red: number, green: number, blue: number];

const CLASS_COLOURS = [
  '--vscode-charts-blue',
  '--vscode-charts-orange',
  '--vscode-charts-green',
  '--vscode-charts-red',
  '--vscode-charts-purple',
  '--vscode-charts-yellow',
];
/** Of old themes, which say nothing of charts. */
const FALLBACK = '#808080';

/** The palette in the colours of the theme, [PALETTE, 3] in 0…1; a scale goes from the muted colour to the strongest. */
export function themePalette(element: Element): Float32Array {
  const styles = getComputedStyle(element);
  const read = (name: string): Colour | null => parseColour(styles.getPropertyValue(name).trim());
  const text = read('--vscode-foreground') ?? parseColour(FALLBACK)!;
  const surface = read('--vscode-editor-background') ?? [1, 1, 1];
  const muted = mix(surface, text, 0.45);
  const classes = CLASS_COLOURS.map((name) => read(name) ?? text);
  // From what hardly stands out to what stands out most, through a hue: readable by lightness alone.
  const steps = Array.from({ length: STEPS }, (_, i) => {
    const share = (i + 1) / STEPS;
    return share < 0.6 ? mix(muted, classes[0]!, share / 0.6) : mix(classes[0]!, text, (share - 0.6) / 0.6);
  });
  const palette = new Float32Array(3 * PALETTE);
  [muted, ...classes, ...steps].forEach((colour, i) => palette.set(colour, 3 * i));
  return palette;
}

export function cssColour(palette: Float32Array, place: number): string {
  const [red, green, blue] = [0, 1, 2].map((i) => Math.round(255 * palette[3 * place + i]!));
  return `rgb(${red} ${green} ${blue})`;
}

/** `#rgb`, `#rrggbb`, `#rrggbbaa`, `rgb(…)` and `rgba(…)`, which is what VS Code writes; what is translucent counts as opaque. */
export function parseColour(text: string): Colour | null {
  const hex = /^#([0-9a-f]{3,8})$/i.exec(text)?.[1];
  if (hex) {
    const size = hex.length < 6 ? 1 : 2;
    return [0, 1, 2].map((i) => {
      const part = hex.slice(i * size, (i + 1) * size);
      return parseInt(size === 1 ? part + part : part, 16) / 255;
    }) as Colour;
  }
  const numbers = /^rgba?\(([^)]*)\)$/.exec(text)?.[1]?.match(/[\d.]+/g);
  if (!numbers || numbers.length < 3) return null;
  return numbers.slice(0, 3).map((value) => Number(value) / 255) as Colour;
}

function mix(a: Colour, b: Colour, share: number): Colour {
  return a.map((value, i) => value + (b[i]! - value) * share) as Colour;
}
