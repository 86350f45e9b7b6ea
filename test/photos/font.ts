/**
 * A 5 × 7 dot-matrix alphabet of our own drawing, since installed fonts differ between machines. A
 * glyph is seven numbers, a row each, bit 4 the leftmost dot.
 */
const glyphs: Record<string, string> = {
  A: '0e1111 1f111111',
  B: '1e1111 1e11111e',
  C: '0f1010 1010100f',
  D: '1e1111 1111111e',
  E: '1f1010 1e10101f',
  F: '1f1010 1e101010',
  G: '0f1010 1311110f',
  H: '111111 1f111111',
  I: '0e0404 0404040e',
  K: '111214 18141211',
  L: '101010 1010101f',
  M: '111b15 15111111',
  N: '111915 15131111',
  O: '0e1111 1111110e',
  P: '1e1111 1e101010',
  R: '1e1111 1e141211',
  S: '0f1010 0e01011e',
  T: '1f0404 04040404',
  U: '111111 1111110e',
  V: '111111 11110a04',
  W: '111111 1515150a',
  Y: '11110a 04040404',
  a: '00000e 010f110f',
  b: '101016 1911111e',
  c: '00000f 1010100f',
  d: '01010d 1311110f',
  e: '00000e 111f100f',
  f: '060808 1c080808',
  g: '00000f 110f010e',
  h: '101016 19111111',
  i: '04000c 0404040e',
  j: '020006 0202120c',
  k: '101012 14181412',
  l: '0c0404 0404040e',
  m: '00001a 15151515',
  n: '000016 19111111',
  o: '00000e 1111110e',
  p: '00001e 111e1010',
  q: '00000f 110f0101',
  r: '000016 19101010',
  s: '00000f 100e011e',
  t: '08081c 08080906',
  u: '000011 1111130d',
  v: '000011 11110a04',
  w: '000011 1115150a',
  x: '000011 0a040a11',
  y: '000011 110f010e',
  z: '00001f 0204081f',
  '0': '0e1113 1519110e',
  '1': '040c04 0404040e',
  '2': '0e1101 0204081f',
  '3': '1f0204 0201110e',
  '5': '1f101e 0101110e',
  '.': '000000 00000606',
  ',': '000000 00060402',
  '-': '000000 1f000000',
};

const rows = Object.fromEntries(
  Object.entries(glyphs).map(([char, text]) => {
    const hex = text.replace(' ', '');
    return [char, Array.from({ length: 7 }, (_, i) => parseInt(hex.slice(2 * i, 2 * i + 2), 16))];
  }),
);

/** 1 where a glyph has a dot; columns 0…4, rows 0…6, 0 outside and for unknown characters. */
export const dot = (char: string, column: number, row: number): number =>
  column < 0 || column > 4 ? 0 : ((rows[char]?.[row] ?? 0) >> (4 - column)) & 1;
