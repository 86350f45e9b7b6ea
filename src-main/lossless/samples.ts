import { LaviError } from '../api/errors';

/** Samples as a picture file holds them. */
export interface Samples {
  width: number;
  height: number;
  /** 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha. */
  channels: number;
  /** Bits a sample. */
  depth: 8 | 16;
  /** Interleaved, width × height × channels. */
  data: Uint8Array | Uint16Array;
}

export interface Tile {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Longest side of a tile. */
export const tileSide = 1024;
/** 100 · 2²⁰, as for photos. */
export const maxPixels = 100 * 2 ** 20;

/** The tiles of a picture, row by row. Each axis is cut into ⌈size / 1024⌉ parts, as equal as can be. */
export function tilesOf(width: number, height: number): Tile[] {
  const columns = cuts(width);
  const rows = cuts(height);
  return rows.flatMap(([y, tall]) =>
    columns.map(([x, wide]) => ({ x, y, width: wide, height: tall })),
  );
}

function cuts(size: number): [from: number, length: number][] {
  const count = Math.ceil(size / tileSide);
  return Array.from({ length: count }, (_, i) => {
    const from = Math.floor((size * i) / count);
    return [from, Math.floor((size * (i + 1)) / count) - from];
  });
}

/** Samples of zeros, of the sizes given. */
export function emptySamples({ width, height, channels, depth }: Omit<Samples, 'data'>): Samples {
  const count = width * height * channels;
  return {
    width,
    height,
    channels,
    depth,
    data: depth === 8 ? new Uint8Array(count) : new Uint16Array(count),
  };
}

/** Copies a tile of `whole` out to `part`, or back in from it. */
export function copyTile(whole: Samples, tile: Tile, part: Samples, way: 'in' | 'out'): void {
  const length = tile.width * whole.channels;
  for (let row = 0; row < tile.height; row++) {
    const at = ((tile.y + row) * whole.width + tile.x) * whole.channels;
    if (way === 'out') part.data.set(whole.data.subarray(at, at + length), row * length);
    else whole.data.set(part.data.subarray(row * length, (row + 1) * length), at);
  }
}

/** @throws LaviError BAD_REQUEST or IMAGE_TOO_LARGE unless `samples` are a picture */
export function checkSamples({ width, height, channels, depth, data }: Samples): void {
  const whole = [width, height, channels].every((n) => Number.isInteger(n) && n >= 1);
  const array = depth === 8 ? Uint8Array : Uint16Array;
  if (
    !whole ||
    channels > 4 ||
    !(data instanceof array) ||
    data.length !== width * height * channels
  ) {
    throw new LaviError(
      'BAD_REQUEST',
      `Expected width × height × 1…4 samples of ${depth} bits and found ${data.length} for ${width} × ${height} × ${channels}.`,
    );
  }
  if (width * height > maxPixels) {
    throw new LaviError(
      'IMAGE_TOO_LARGE',
      `Expected at most ${maxPixels} pixels and found ${width} × ${height}.`,
    );
  }
}
