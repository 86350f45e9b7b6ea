import { fromOklab } from '../image/oklab';
import { encodeTile } from '../image/tile';
import type { Mixture } from './mixture';

/** A component of a mixture of colours. */
export interface PaletteColour {
  /** Its mean in OKLab: L 0…1, a and b about −0.4…0.4. */
  lab: number[];
  /** The mean as 8-bit sRGB. */
  rgb: [number, number, number];
  /** Its prior π: the share of the photo's pixels that it accounts for. */
  weight: number;
}

/** The components of a mixture in OKLab as colours, in the mixture's order. */
export function coloursOf({ weights, components }: Mixture): PaletteColour[] {
  return components.map(({ mean }, k) => {
    const lab = [...mean.slice(0, 3)];
    return { lab, rgb: fromOklab(lab[0]!, lab[1]!, lab[2]!), weight: weights[k]! };
  });
}

/** As people list a palette: by falling weight, without colours that no pixel has. */
export function byWeight(colours: readonly PaletteColour[]): PaletteColour[] {
  return colours.filter(({ weight }) => weight > 0).sort((a, b) => b.weight - a.weight);
}

export const paletteFormats = ['aco', 'gpl', 'css', 'png'] as const;
export type PaletteFormat = (typeof paletteFormats)[number];

/**
 * A palette as a file: Adobe's swatches (.aco), GIMP's (.gpl), custom properties (.css) or a strip of
 * squares (.png).
 */
export async function encodePalette(
  colours: readonly PaletteColour[],
  format: PaletteFormat,
  name: string,
): Promise<Uint8Array> {
  const text = new TextEncoder();
  switch (format) {
    case 'aco':
      return aco(colours);
    case 'gpl':
      return text.encode(gpl(colours, name));
    case 'css':
      return text.encode(css(colours));
    case 'png':
      return encodeTile(strip(colours));
  }
}

export const hexOf = ({ rgb }: PaletteColour): string =>
  `#${rgb.map((value) => value.toString(16).padStart(2, '0')).join('')}`;

/** Version 1, for readers that stop there, then version 2 with names; 16-bit RGB, big-endian. */
function aco(colours: readonly PaletteColour[]): Uint8Array {
  const words: number[] = [];
  for (const version of [1, 2]) {
    words.push(version, colours.length);
    for (const colour of colours) {
      words.push(0, ...colour.rgb.map((value) => value * 257), 0);
      if (version === 1) continue;
      const name = hexOf(colour);
      // The name's length counts its closing zero and takes two words.
      words.push(0, name.length + 1, ...Array.from(name, (one) => one.charCodeAt(0)), 0);
    }
  }
  return Uint8Array.from(words.flatMap((word) => [word >> 8, word & 255]));
}

function gpl(colours: readonly PaletteColour[], name: string): string {
  const rows = colours.map((colour) => {
    const numbers = colour.rgb.map((value) => String(value).padStart(3)).join(' ');
    return `${numbers}\t${hexOf(colour)} ${(100 * colour.weight).toFixed(1)} %`;
  });
  const title = name.replaceAll(/[\r\n]/g, ' ');
  return ['GIMP Palette', `Name: ${title}`, 'Columns: 8', '#', ...rows, ''].join('\n');
}

function css(colours: readonly PaletteColour[]): string {
  const rows = colours.map((colour, i) => {
    const share = (100 * colour.weight).toFixed(1);
    return `  --colour-${i + 1}: ${hexOf(colour)}; /* ${share} % */`;
  });
  return [':root {', ...rows, '}', ''].join('\n');
}

const SQUARE = 64;

function strip(colours: readonly PaletteColour[]) {
  const width = SQUARE * colours.length;
  const data = new Uint8Array(3 * width * SQUARE);
  for (let at = 0; at < width * SQUARE; at++) {
    data.set(colours[Math.floor((at % width) / SQUARE)]!.rgb, 3 * at);
  }
  return { width, height: SQUARE, channels: 3 as const, data };
}
