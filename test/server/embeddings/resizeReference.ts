/** An 8-bit RGB picture as numbers, [height][width][3]. */
export type Picture = number[][][];

export function pictureOf(
  width: number,
  height: number,
  colour: (x: number, y: number) => [number, number, number],
): Picture {
  return Array.from({ length: height }, (_, y) => Array.from({ length: width }, (__, x) => colour(x, y)));
}

export function bytesOf(picture: Picture): Buffer {
  return Buffer.from(picture.flat(2));
}

/** Keys' cubic with a = −0.5, as PIL has it. */
function cubic(x: number): number {
  const t = Math.abs(x);
  if (t < 1) return 1.5 * t ** 3 - 2.5 * t ** 2 + 1;
  return t < 2 ? -0.5 * t ** 3 + 2.5 * t ** 2 - 4 * t + 2 : 0;
}

/** Lanczos with three lobes. */
function lanczos(x: number): number {
  const sinc = (t: number): number => (t === 0 ? 1 : Math.sin(Math.PI * t) / (Math.PI * t));
  return Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0;
}

const KERNELS = { cubic, lanczos };
type Kernel = keyof typeof KERNELS | 'nearest';

/** PIL's resampling of one line: the kernel is widened by the factor that the line shrinks by. */
function resizeLine(line: number[][], length: number, kernel: Kernel): number[][] {
  const factor = line.length / length;
  if (kernel === 'nearest') return Array.from({ length }, (_, at) => line[Math.floor((at + 0.5) * factor)]!);
  const width = Math.max(1, factor);
  return Array.from({ length }, (_, at) => {
    const centre = (at + 0.5) * factor;
    const weights = line.map((__, i) => KERNELS[kernel]((i + 0.5 - centre) / width));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return [0, 1, 2].map((c) => line.reduce((sum, pixel, i) => sum + pixel[c]! * weights[i]!, 0) / total);
  });
}

const transpose = (picture: Picture): Picture => picture[0]!.map((_, x) => picture.map((row) => row[x]!));
const clamped = (value: number): number => Math.min(255, Math.max(0, Math.round(value)));

/** Resize to width × height. */
export function resized(picture: Picture, width: number, height: number, kernel: Kernel = 'cubic'): Picture {
  const wide = picture.map((row) => resizeLine(row, width, kernel).map((pixel) => pixel.map(clamped)));
  const tall = transpose(wide).map((column) =>
    resizeLine(column, height, kernel).map((pixel) => pixel.map(clamped)),
  );
  return transpose(tall);
}

/** The crop of size × size in the middle, as Hugging Face's processor counts it. */
export function centreCrop(picture: Picture, size: number): Picture {
  const top = Math.floor((picture.length - size) / 2);
  const left = Math.floor((picture[0]!.length - size) / 2);
  return picture.slice(top, top + size).map((row) => row.slice(left, left + size));
}
