/**
 * Colours for labels that have none: the bits of the label dealt out to red, green and blue from the
 * top bit down, as in PASCAL VOC. Label 0 is black; neighbouring labels differ clearly.
 *
 * @returns RGBA of labels 0…count − 1
 */
export function defaultPalette(count: number): Uint8Array {
  const rgba = new Uint8Array(4 * count);
  for (let label = 0; label < count; label++) {
    const color = [0, 0, 0];
    for (let rest = label, bit = 7; rest > 0 && bit >= 0; rest >>= 3, bit--) {
      for (let c = 0; c < 3; c++) color[c]! |= ((rest >> c) & 1) << bit;
    }
    rgba.set([...color, 255], 4 * label);
  }
  return rgba;
}
