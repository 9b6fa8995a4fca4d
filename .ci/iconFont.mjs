// Cuts a TrueType font down to some of its characters: a page waits while its font is read, and a panel draws few icons of many.

/**
 * The same font with these characters alone. Glyphs keep their numbers, so that metrics stay as they are; the others are empty.
 * @param {Buffer} font
 * @param {readonly number[]} characters code points of the basic plane
 * @returns {Buffer}
 */
export function cutFont(font, characters) {
  const tables = tablesOf(font);
  const glyphOf = characterMap(tables.get('cmap'));
  const kept = new Map();
  for (const character of [...new Set(characters)].sort((a, b) => a - b)) {
    const glyph = glyphOf(character);
    if (glyph === 0) throw new Error(`The font has no glyph for U+${character.toString(16)}.`);
    kept.set(character, glyph);
  }
  const { glyf, loca } = outlines(tables, new Set([0, ...kept.values()]));
  tables.set('glyf', glyf).set('loca', loca).set('cmap', newMap(kept)).set('post', withoutNames(tables));
  // Ligatures and alternatives of glyphs that are gone.
  tables.delete('GSUB');
  return assemble(font.readUInt32BE(0), tables);
}

function tablesOf(font) {
  const tables = new Map();
  for (let i = 0; i < font.readUInt16BE(4); i++) {
    const entry = font.subarray(12 + 16 * i, 28 + 16 * i);
    const start = entry.readUInt32BE(8);
    tables.set(entry.toString('latin1', 0, 4), font.subarray(start, start + entry.readUInt32BE(12)));
  }
  return tables;
}

/** Reads the part of the character map that knows the basic plane: format 4, by segments. */
function characterMap(cmap) {
  const starts = Array.from({ length: cmap.readUInt16BE(2) }, (_, i) => cmap.readUInt32BE(8 + 8 * i));
  const start = starts.find((offset) => cmap.readUInt16BE(offset) === 4);
  if (start === undefined) throw new Error('The font maps no characters by segments.');
  const map = cmap.subarray(start);
  const size = map.readUInt16BE(6);
  const [ends, begins, deltas, ranges] = [14, 16 + size, 16 + 2 * size, 16 + 3 * size];
  return (character) => {
    for (let i = 0; i < size; i += 2) {
      if (map.readUInt16BE(ends + i) < character) continue;
      const begin = map.readUInt16BE(begins + i);
      if (begin > character) return 0;
      const range = map.readUInt16BE(ranges + i);
      const delta = map.readUInt16BE(deltas + i);
      if (range === 0) return (character + delta) & 0xffff;
      const glyph = map.readUInt16BE(ranges + i + range + 2 * (character - begin));
      return glyph === 0 ? 0 : (glyph + delta) & 0xffff;
    }
    return 0;
  };
}

/** Outlines of the kept glyphs, and where each of all glyphs begins. */
function outlines(tables, kept) {
  const [glyf, loca] = [tables.get('glyf'), tables.get('loca')];
  const long = tables.get('head').readInt16BE(50) === 1;
  const startOf = (glyph) => (long ? loca.readUInt32BE(4 * glyph) : 2 * loca.readUInt16BE(2 * glyph));
  const starts = Buffer.alloc(loca.length);
  const parts = [];
  let length = 0;
  const glyphs = tables.get('maxp').readUInt16BE(4);
  for (let glyph = 0; glyph <= glyphs; glyph++) {
    if (long) starts.writeUInt32BE(length, 4 * glyph);
    else starts.writeUInt16BE(length / 2, 2 * glyph);
    if (glyph === glyphs || !kept.has(glyph)) continue;
    const outline = glyf.subarray(startOf(glyph), startOf(glyph + 1));
    if (outline.length > 0 && outline.readInt16BE(0) < 0)
      throw new Error(`Glyph ${glyph} is made of others, which would be lost.`);
    parts.push(outline, Buffer.alloc(outline.length % 2));
    length += outline.length + (outline.length % 2);
  }
  return { glyf: Buffer.concat(parts), loca: starts };
}

/** A character map with a segment for each character, and the one that ends every map. */
function newMap(kept) {
  const segments = [...kept, [0xffff, 0]];
  const { length } = segments;
  const power = 2 ** Math.floor(Math.log2(length));
  const head = [4, 16 + 8 * length, 0, 2 * length, 2 * power, Math.log2(power), 2 * (length - power)];
  const codes = segments.map(([character]) => character);
  const deltas = segments.map(([character, glyph]) => (glyph - character) & 0xffff);
  const map = [...head, ...codes, 0, ...codes, ...deltas, ...codes.map(() => 0)];
  // Version 0, one map: of Unicode, for Windows and everyone else.
  const words = [0, 1, 3, 1, 0, 12, ...map];
  const table = Buffer.alloc(2 * words.length);
  words.forEach((word, i) => table.writeUInt16BE(word, 2 * i));
  return table;
}

/** The table of names of glyphs, in the version that has none. */
function withoutNames(tables) {
  const post = Buffer.from(tables.get('post').subarray(0, 32));
  post.writeUInt32BE(0x00030000, 0);
  return post;
}

function assemble(version, tables) {
  const names = [...tables.keys()].sort();
  const power = 2 ** Math.floor(Math.log2(names.length));
  const directory = Buffer.alloc(12 + 16 * names.length);
  directory.writeUInt32BE(version, 0);
  directory.writeUInt16BE(names.length, 4);
  directory.writeUInt16BE(16 * power, 6);
  directory.writeUInt16BE(Math.log2(power), 8);
  directory.writeUInt16BE(16 * (names.length - power), 10);
  const parts = [directory];
  let offset = directory.length;
  let head = 0;
  names.forEach((name, i) => {
    const table = padded(tables.get(name));
    // A font's own sum is taken with this field empty.
    if (name === 'head') {
      table.writeUInt32BE(0, 8);
      head = offset;
    }
    const entry = directory.subarray(12 + 16 * i);
    entry.write(name, 0, 'latin1');
    entry.writeUInt32BE(sum(table), 4);
    entry.writeUInt32BE(offset, 8);
    entry.writeUInt32BE(tables.get(name).length, 12);
    parts.push(table);
    offset += table.length;
  });
  const font = Buffer.concat(parts);
  font.writeUInt32BE((0xb1b0afba - sum(font)) >>> 0, head + 8);
  return font;
}

function padded(table) {
  return Buffer.concat([table, Buffer.alloc((4 - (table.length % 4)) % 4)]);
}

function sum(table) {
  let total = 0;
  for (let at = 0; at < table.length; at += 4) total = (total + table.readUInt32BE(at)) >>> 0;
  return total;
}
