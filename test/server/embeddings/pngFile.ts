import { crc32, deflateSync } from 'node:zlib';

type Chunk = [type: string, body: Buffer];

/** A gray PNG of one bit a pixel, all black; `extra` chunks come before the pixels. Wide ones are small on disk. */
export function blackPng(width: number, height: number, extra: Chunk[] = []): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1;
  const pixels = deflateSync(Buffer.alloc(height * (1 + Math.ceil(width / 8))), { level: 1 });
  const chunks: Chunk[] = [['IHDR', header], ...extra, ['IDAT', pixels], ['IEND', Buffer.alloc(0)]];
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...chunks.map(framed)]);
}

function framed([type, body]: Chunk): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), body]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length);
  sum.writeUInt32BE(crc32(typed));
  return Buffer.concat([length, typed, sum]);
}
