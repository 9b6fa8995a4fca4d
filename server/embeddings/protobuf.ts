/** A field of a protobuf message. */
export interface Field {
  number: number;
  /** With its tag and length. */
  whole: Uint8Array;
  /** What a field with a length holds (a message, text, bytes); empty for a number. */
  body: Uint8Array;
}

/** The fields of a message in the order of its bytes, without copying any; throws where it is no protobuf. */
export function* fieldsOf(message: Uint8Array): Generator<Field> {
  for (let at = 0; at < message.length;) {
    const { number, body, end } = headOf(message, at);
    if (end > message.length) throw new Error('the message is cut short');
    yield { number, whole: message.subarray(at, end), body: message.subarray(body, end) };
    at = end;
  }
}

/** What the head of a field takes at most: its tag and a number. */
export const HEAD_BYTES = 20;

/** The field whose head stands at `at`: its number, and where its body starts and ends, which may be beyond the bytes given. */
export function headOf(bytes: Uint8Array, at: number): { number: number; body: number; end: number } {
  const tag = readVarint(bytes, at);
  const [body, end] = extentOf(bytes, tag.value % 8, tag.end);
  return { number: Math.floor(tag.value / 8), body, end };
}

/** A field with a length that holds the pieces one after another. */
export function lengthDelimited(number: number, pieces: Uint8Array[]): Uint8Array[] {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return [varint(number * 8 + 2), varint(length), ...pieces];
}

/** Where the body of a field starts and where the field ends, by its wire type. */
function extentOf(message: Uint8Array, wire: number, at: number): [number, number] {
  switch (wire) {
    case 0: {
      const { end } = readVarint(message, at);
      return [end, end];
    }
    case 1:
      return [at + 8, at + 8];
    case 2: {
      const length = readVarint(message, at);
      return [length.end, length.end + length.value];
    }
    case 5:
      return [at + 4, at + 4];
    default:
      throw new Error(`the message has a field of the unknown wire type ${wire}`);
  }
}

/** As a double: lengths and tags are below 2³², and a negative number is only passed over. */
function readVarint(message: Uint8Array, at: number): { value: number; end: number } {
  let value = 0;
  for (let shift = 0; shift < 70; shift += 7) {
    const byte = message[at++];
    if (byte === undefined) break;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return { value, end: at };
  }
  throw new Error('the message is cut short');
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) | 0x80);
  return Uint8Array.of(...bytes, value);
}
