/** One entry of a tar put together by hand. */
export interface MadeEntry {
  name: string;
  content?: string | Uint8Array;
  /** '0' a file, '1' and '2' links, '5' a folder, 'x' and 'L' extended headers. */
  kind?: string;
  /** What the header says instead of the length of the content. */
  size?: number;
}

/** A ustar archive as POSIX describes it, with its two empty blocks at the end. */
export function tarFile(entries: MadeEntry[]): Buffer {
  return Buffer.concat([...entries.map(entry), Buffer.alloc(1024)]);
}

function entry({ name, content = '', kind = '0', size }: MadeEntry): Buffer {
  const body = Buffer.from(content);
  const header = Buffer.alloc(512);
  header.write(name.slice(0, 100), 0);
  header.write('0000644\0', 100);
  header.write('0001750\0', 108);
  header.write('0001750\0', 116);
  header.write(`${(size ?? body.length).toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write(kind, 156);
  header.write('ustar\0' + '00', 257);
  const sum = header.reduce((all, byte) => all + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
}
