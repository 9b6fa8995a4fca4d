import { open, type FileHandle } from 'node:fs/promises';

const BLOCK = 512;
/** Written in pieces of about this size. */
const BUFFERED = 2 ** 20;

/** Writes a ustar archive, all of whose entries are plain files with the same owner, mode and time: bytes depend on content alone. */
export class TarWriter {
  private pieces: Uint8Array[] = [];
  private buffered = 0;

  private constructor(private readonly file: FileHandle) {}

  static async create(path: string): Promise<TarWriter> {
    return new TarWriter(await open(path, 'wx'));
  }

  /** `name` has at most 100 bytes, as the names of samples have. */
  async add(name: string, content: Uint8Array): Promise<void> {
    this.pieces.push(header(name, content.length), content, new Uint8Array(padding(content.length)));
    this.buffered += content.length + BLOCK;
    if (this.buffered >= BUFFERED) await this.flush();
  }

  /** Ends the archive. */
  async close(): Promise<void> {
    this.pieces.push(new Uint8Array(2 * BLOCK));
    await this.flush();
    await this.file.sync();
    await this.file.close();
  }

  /** Gives up: the file is removed with its folder. */
  async abandon(): Promise<void> {
    await this.file.close();
  }

  private async flush(): Promise<void> {
    await this.file.writeFile(Buffer.concat(this.pieces));
    this.pieces = [];
    this.buffered = 0;
  }
}

function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

function header(name: string, size: number): Uint8Array {
  const bytes = Buffer.alloc(BLOCK);
  if (Buffer.byteLength(name) > 100) throw new Error(`the name of a tar entry is too long: ${name}`);
  bytes.write(name, 0);
  bytes.write(octal(0o644, 8), 100);
  bytes.write(octal(0, 8), 108);
  bytes.write(octal(0, 8), 116);
  bytes.write(octal(size, 12), 124);
  bytes.write(octal(0, 12), 136);
  bytes.fill(' ', 148, 156);
  bytes.write('0', 156);
  bytes.write('ustar\0' + '00', 257);
  const sum = bytes.reduce((all, byte) => all + byte, 0);
  bytes.write(`${octal(sum, 7)}\0 `.slice(0, 8), 148);
  return bytes;
}

function octal(value: number, length: number): string {
  return `${value.toString(8).padStart(length - 1, '0')}\0`;
}
