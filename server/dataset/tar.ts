import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { decodeUtf8 } from './pair.js';

/** A plain file inside a tar: where its bytes lie. */
export interface TarMember {
  name: string;
  offset: number;
  size: number;
  /** Why it cannot be used, although its place is known: its bytes are cut off, its name or kind is not allowed. */
  problem: string | null;
}

/** What stands in the way of reading on; members before it are good. */
export interface TarBreak {
  broken: string;
}

const BLOCK = 512;
const WINDOW = 16 * 1024;
/** A name or an extended header longer than this is an attack, not a name. */
const LONGEST_HEADER = 2 ** 20;

/**
 * The files of a tar (ustar, GNU, pax) in their order, without reading what is in them: libraries stream an archive
 * from end to end and do not say where a member lies. Ends with a break where the archive does not end as it should.
 */
export function* tarMembers(file: string): Generator<TarMember | TarBreak> {
  const descriptor = openSync(file, 'r');
  try {
    const { size: length } = fstatSync(descriptor);
    const window = new Window(descriptor, length);
    let next: { name?: string; size?: number } = {};
    for (let at = 0; ;) {
      const header = window.read(at, BLOCK);
      // An archive may lack its end marker; several writers leave it out.
      if (header === null) {
        if (at < length) yield { broken: 'the archive is cut off inside a header' };
        return;
      }
      if (header.every((byte) => byte === 0)) return;
      if (!hasRightSum(header)) {
        yield { broken: 'a header has the wrong checksum' };
        return;
      }
      const kind = String.fromCharCode(header[156]!);
      const size = next.size ?? numberOf(header.subarray(124, 136));
      if (size === null || size < 0) {
        yield { broken: 'a header has no valid size' };
        return;
      }
      const start = at + BLOCK;
      at = start + Math.ceil(size / BLOCK) * BLOCK;
      if (kind === 'L' || kind === 'x' || kind === 'g' || kind === 'K') {
        const body = size <= LONGEST_HEADER ? window.read(start, size) : null;
        if (body === null) {
          yield { broken: 'an extended header is cut off or too long' };
          return;
        }
        // What a link points to (K) and what holds for all members (g) name no file.
        if (kind === 'L') next.name = textOf(body);
        else if (kind === 'x') next = { ...next, ...paxValues(body) };
        continue;
      }
      const name = next.name ?? nameOf(header);
      next = {};
      if (kind === '5') continue;
      const isFile = kind === '0' || kind === '\0' || kind === '7';
      yield {
        name,
        offset: start,
        size,
        problem: !isFile
          ? 'it is a link or a device'
          : !isSafe(name)
            ? 'its name is absolute or climbs out of the archive'
            : start + size > length
              ? 'its bytes are cut off'
              : null,
      };
      if (start + size > length) {
        yield { broken: 'the archive is cut off' };
        return;
      }
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Reads small pieces of a file through a window, as headers and captions lie close together. */
class Window {
  private readonly buffer = Buffer.alloc(WINDOW);
  private start = 0;
  private filled = 0;

  constructor(
    private readonly descriptor: number,
    private readonly length: number,
  ) {}

  /** The bytes, valid until the next call; null where the file ends before them. */
  read(at: number, size: number): Buffer | null {
    if (at + size > this.length) return null;
    if (size > WINDOW) {
      const own = Buffer.alloc(size);
      return readSync(this.descriptor, own, 0, size, at) === size ? own : null;
    }
    if (at < this.start || at + size > this.start + this.filled) {
      this.filled = readSync(this.descriptor, this.buffer, 0, WINDOW, at);
      this.start = at;
      if (this.filled < size) return null;
    }
    return this.buffer.subarray(at - this.start, at - this.start + size);
  }
}

/** The sum of a header's bytes, its own field counted as spaces; old writers summed them as signed. */
function hasRightSum(header: Buffer): boolean {
  const stated = numberOf(header.subarray(148, 156));
  let unsigned = 0;
  let signed = 0;
  for (let i = 0; i < BLOCK; i++) {
    const byte = i >= 148 && i < 156 ? 32 : header[i]!;
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  return stated === unsigned || stated === signed;
}

/** Octal digits, or a binary number where the first bit is set (sizes from 8 GiB on). */
function numberOf(field: Buffer): number | null {
  if (field[0]! & 0x80) {
    let value = 0;
    for (let i = 1; i < field.length; i++) value = value * 256 + field[i]!;
    return Number.isSafeInteger(value) ? value : null;
  }
  const digits = field.toString('latin1').replace(/\0.*$/s, '').trim();
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : digits === '' ? 0 : null;
}

function textOf(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  const text = end < 0 ? bytes : bytes.subarray(0, end);
  return decodeUtf8(text) ?? text.toString('latin1');
}

function nameOf(header: Buffer): string {
  const name = textOf(header.subarray(0, 100));
  const isPosix = header.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = isPosix ? textOf(header.subarray(345, 500)) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** `path` and `size` of an extended header: lines of `LENGTH KEY=VALUE`, the length that of the line. */
function paxValues(body: Buffer): { name?: string; size?: number } {
  const values: { name?: string; size?: number } = {};
  for (let at = 0; at < body.length;) {
    const space = body.indexOf(32, at);
    const length = space < 0 ? NaN : Number(body.toString('latin1', at, space));
    if (!(Number.isInteger(length) && length > 0)) break;
    const line = body.subarray(space + 1, at + length - 1);
    const equals = line.indexOf(61);
    const key = line.toString('latin1', 0, equals);
    const value = line.subarray(equals + 1);
    if (key === 'path') values.name = textOf(value);
    if (key === 'size' && /^\d{1,15}$/.test(value.toString('latin1'))) values.size = Number(value.toString());
    at += length;
  }
  return values;
}

function isSafe(name: string): boolean {
  return name !== '' && !/^([\\/]|[A-Za-z]:)/.test(name) && !name.split(/[\\/]/).includes('..');
}
