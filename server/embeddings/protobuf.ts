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
    const tag = readVarint(message, at);
    const [bodyAt, end] = extentOf(message, tag.value % 8, tag.end);
    if (end > message.length) throw new Error('the message is cut short');
    const number = Math.floor(tag.value / 8);
    yield { number, whole: message.subarray(at, end), body: message.subarray(bodyAt, end) };
    at = end;
  }
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
