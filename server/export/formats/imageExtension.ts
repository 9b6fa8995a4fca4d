import { extname } from 'node:path';

/** As the image's file is called, or by the first bytes of one that has no name, such as a Parquet cell's. */
export function imageExtension(image: string, content: Buffer): string {
  const named = extname(image).toLowerCase();
  if (/^\.(jpe?g|png|webp|gif|tiff?|avif)$/.test(named)) return named;
  if (content[0] === 0x89) return '.png';
  if (content.toString('latin1', 8, 12) === 'WEBP') return '.webp';
  return content.toString('latin1', 0, 3) === 'GIF' ? '.gif' : '.jpg';
}

/** What to say of picks whose images cannot be read any more. */
export function lostWarning(lost: string[]): string[] {
  if (lost.length === 0) return [];
  const examples = lost.slice(0, 3).join(', ');
  return [`${lost.length} images cannot be read any more and were left out, such as ${examples}.`];
}
