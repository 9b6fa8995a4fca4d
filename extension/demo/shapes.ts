/** A drawn pair: what is seen, and what is said of it. */
export interface DrawnPair {
  shape: Shape;
  colour: Colour;
  /** Half the width, as a share of the picture. */
  size: number;
  caption: string;
}

/** Whether a point is in the shape, both coordinates from −1 to 1. */
const SHAPES = {
  circle: (x: number, y: number) => x * x + y * y < 1,
  square: (x: number, y: number) => Math.max(Math.abs(x), Math.abs(y)) < 0.85,
  triangle: (x: number, y: number) => y < 0.8 && y > 2 * Math.abs(x) - 1,
  diamond: (x: number, y: number) => Math.abs(x) + Math.abs(y) < 1,
  ring: (x: number, y: number) => x * x + y * y < 1 && x * x + y * y > 0.4,
  cross: (x: number, y: number) =>
    Math.min(Math.abs(x), Math.abs(y)) < 0.28 && Math.max(Math.abs(x), Math.abs(y)) < 1,
} as const;
const COLOURS = {
  red: [214, 40, 40],
  blue: [38, 84, 196],
  green: [42, 157, 72],
  yellow: [240, 196, 32],
  purple: [128, 60, 170],
  black: [30, 30, 30],
} as const;
type Shape = keyof typeof SHAPES;
type Colour = keyof typeof COLOURS;

const SIZES = [0.28, 0.34, 0.4, 0.46];
const PAPER = 250;
export const EDGE = 96;

/**
 * Every shape in every colour and size, once: of each ten captions one names another shape, one says nothing, and one pair
 * repeats the one before. So there is something to leave out.
 */
export function drawnPairs(): DrawnPair[] {
  const shapes = Object.keys(SHAPES) as Shape[];
  const colours = Object.keys(COLOURS) as Colour[];
  const pairs: DrawnPair[] = [];
  for (const size of SIZES)
    for (const [i, shape] of shapes.entries())
      for (const colour of colours) {
        const place = pairs.length % 10;
        const other = shapes[(i + 2) % shapes.length]!;
        const before = pairs.at(-1);
        if (place === 9 && before) pairs.push({ ...before });
        else if (place === 3) pairs.push({ shape, colour, size, caption: `a ${colour} ${other}` });
        else if (place === 6) pairs.push({ shape, colour, size, caption: 'image' });
        else pairs.push({ shape, colour, size, caption: `a ${colour} ${shape}` });
      }
  return pairs;
}

/** The picture of a pair: `EDGE`² pixels of three bytes. */
export function draw({ shape, colour, size }: DrawnPair): Uint8Array {
  const pixels = new Uint8Array(EDGE * EDGE * 3).fill(PAPER);
  const inside = SHAPES[shape];
  for (let y = 0; y < EDGE; y++)
    for (let x = 0; x < EDGE; x++) {
      const across = (part: number): number => ((part + 0.5) / EDGE - 0.5) / size;
      if (inside(across(x), across(y))) pixels.set(COLOURS[colour], (y * EDGE + x) * 3);
    }
  return pixels;
}
