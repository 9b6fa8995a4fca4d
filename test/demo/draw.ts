/** From an icon to the bytes of a picture: 96×96 pixels on white. */
import sharp, { type Sharp } from 'sharp';
import type { Icon } from './icons.js';
import { between, integer, type Random } from './random.js';
import type { Choice } from './zipf.js';

export const SIDE = 96;

/** How one picture shows its icon. */
export interface Drawing {
  icon: Icon;
  /** Word of the caption and value; null is the icon's own colour, black for a plain one. */
  colour: Colour | null;
  scale: number;
  degrees: number;
  dx: number;
  dy: number;
  format: 'png' | 'webp';
}

interface Colour {
  word: string;
  value: string;
}

const COLOURS: readonly Colour[] = [
  { word: 'red', value: '#d62839' },
  { word: 'orange', value: '#f3722c' },
  { word: 'green', value: '#2a9d4a' },
  { word: 'blue', value: '#1d5fd1' },
  { word: 'purple', value: '#7b2cbf' },
  { word: 'pink', value: '#e85d9e' },
  { word: 'brown', value: '#7f4f24' },
  { word: 'gray', value: '#6c757d' },
];

/** The icon as it is for its first picture; smaller, turned, moved and coloured for further ones. */
export function planDrawing({ icon, copy }: Choice, random: Random): Drawing {
  const format = random() < 0.5 ? 'png' : 'webp';
  if (copy === 0) return { icon, colour: null, scale: 1, degrees: 0, dx: 0, dy: 0, format };
  const scale = between(random, 0.6, 0.85);
  const slack = (SIDE * (1 - scale)) / 2;
  return {
    icon,
    colour: icon.plain ? colourOf(icon, copy) : null,
    scale,
    degrees: between(random, -12, 12),
    dx: between(random, -slack, slack),
    dy: between(random, -slack, slack),
    format,
  };
}

/** The colours in turn, not by chance: two copies of an icon share one, and so a caption, only when all were used. */
function colourOf(icon: Icon, copy: number): Colour {
  return COLOURS[(icon.id.length + copy) % COLOURS.length] as Colour;
}

export function captionOf({ icon, colour }: Drawing): string {
  return colour === null ? icon.name : `${colour.word} ${icon.name}`;
}

export async function draw(drawing: Drawing): Promise<Buffer> {
  const { icon, colour, scale, degrees, dx, dy, format } = drawing;
  const half = SIDE / 2;
  const body = icon.body.replaceAll('currentColor', colour?.value ?? '#000');
  const placed = `translate(${half + dx} ${half + dy}) rotate(${degrees}) scale(${scale}) translate(${-half} ${-half})`;
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${SIDE}" height="${SIDE}">`,
    `<rect width="${SIDE}" height="${SIDE}" fill="#fff"/><g transform="${placed}">`,
    `<svg width="${SIDE}" height="${SIDE}" viewBox="${icon.viewBox}">${body}</svg></g></svg>`,
  ].join('');
  return encode(sharp(Buffer.from(svg)).removeAlpha(), format, 90);
}

/** The picture again as another site would carry it: a few pixels cropped off, tinted, in the other format. */
export async function nearCopy(bytes: Buffer, format: Drawing['format'], random: Random): Promise<Buffer> {
  const left = integer(random, 1, 4);
  const top = integer(random, 1, 4);
  const width = SIDE - left - integer(random, 1, 4);
  const height = SIDE - top - integer(random, 1, 4);
  const gains = [0, 1, 2].map(() => between(random, 0.84, 0.98));
  const image = sharp(bytes)
    .extract({ left, top, width, height })
    .resize(SIDE, SIDE, { fit: 'fill' })
    .linear(gains, [8, 8, 8]);
  return encode(image, format, integer(random, 60, 85));
}

async function encode(image: Sharp, format: Drawing['format'], quality: number): Promise<Buffer> {
  return (format === 'png' ? image.png() : image.webp({ quality })).toBuffer();
}
