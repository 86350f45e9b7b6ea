import type { RdaModel } from './model';
import { LATENT_PIXELS, synthesisWindows, type Tile, type Window } from './tiles';

/** Called before each net run: reports progress and throws CANCELLED. */
export type Checkpoint = (fraction: number) => void;

/** 8-bit RGB, interleaved. */
export interface Picture {
  width: number;
  height: number;
  rgb: Uint8Array;
}

/** Latents of a whole padded photo, [channels, height, width], before any gain. */
export interface Latents {
  data: Float32Array;
  height: number;
  width: number;
}

/**
 * Runs the analysis over a window of a photo, edges repeated up to the padded size, and puts the core's latents in their
 * place. Windows are not part of the format.
 */
export async function analyseWindow(
  model: RdaModel,
  picture: Picture,
  { core, outer }: Window,
  into: Latents,
): Promise<void> {
  const data = await model.analysis(planar(picture, outer), outer.height, outer.width);
  copyLatents({ data, ...size(outer) }, offset(core, outer), into, core);
}

/** Latents (gain removed) → picture of width × height, at a real quality point. */
export async function synthesise(
  model: RdaModel,
  latents: Latents,
  picture: { width: number; height: number },
  point: number,
  check: Checkpoint,
  windows: Window[] = synthesisWindows(
    latents.width * LATENT_PIXELS,
    latents.height * LATENT_PIXELS,
  ),
): Promise<Picture> {
  const rgb = new Uint8Array(picture.width * picture.height * 3);
  for (const [i, { core, outer }] of windows.entries()) {
    check(i / windows.length);
    const { height, width } = size(outer);
    const part = cropLatents(latents, outer);
    const pixels = await model.synthesis(part, height, width, point);
    store(pixels, outer, core, { ...picture, rgb });
  }
  return { ...picture, rgb };
}

/** The part of a picture inside a tile; what lies past the edge is left out. */
export function cropPicture(picture: Picture, tile: Tile): Picture {
  const width = Math.min(tile.width, picture.width - tile.x);
  const height = Math.min(tile.height, picture.height - tile.y);
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const from = ((tile.y + y) * picture.width + tile.x) * 3;
    rgb.set(picture.rgb.subarray(from, from + width * 3), y * width * 3);
  }
  return { width, height, rgb };
}

/** A window's latents [channels, h, w] as an array of their own; `scale` per channel multiplies them. */
export function cropLatents(latents: Latents, tile: Tile, scale?: Float32Array): Float32Array {
  const { height, width } = size(tile);
  const area = latents.height * latents.width;
  const channels = latents.data.length / area;
  const left = tile.x / LATENT_PIXELS;
  const top = tile.y / LATENT_PIXELS;
  const out = new Float32Array(channels * height * width);
  let to = 0;
  for (let c = 0; c < channels; c++) {
    const factor = scale ? scale[c]! : 1;
    for (let y = 0; y < height; y++) {
      const from = c * area + (top + y) * latents.width + left;
      for (let x = 0; x < width; x++) out[to++] = latents.data[from + x]! * factor;
    }
  }
  return out;
}

/** Puts a tile's decoded latents (in steps) in their place, gain removed. */
export function placeDecoded(
  decoded: Float32Array,
  tile: Tile,
  gains: Float32Array,
  into: Latents,
): void {
  const { height, width } = size(tile);
  const area = into.height * into.width;
  const left = tile.x / LATENT_PIXELS;
  const top = tile.y / LATENT_PIXELS;
  let from = 0;
  for (let c = 0; c < gains.length; c++) {
    const factor = 1 / gains[c]!;
    for (let y = 0; y < height; y++) {
      const to = c * area + (top + y) * into.width + left;
      for (let x = 0; x < width; x++) into.data[to + x] = decoded[from++]! * factor;
    }
  }
}

function size(tile: Tile): { height: number; width: number } {
  return { height: tile.height / LATENT_PIXELS, width: tile.width / LATENT_PIXELS };
}

/** Rows and columns of latents between the outer and the core window. */
function offset(core: Tile, outer: Tile): { x: number; y: number } {
  return { x: (core.x - outer.x) / LATENT_PIXELS, y: (core.y - outer.y) / LATENT_PIXELS };
}

function copyLatents(
  part: Latents,
  skip: { x: number; y: number },
  into: Latents,
  core: Tile,
): void {
  const { height, width } = size(core);
  const partArea = part.height * part.width;
  const area = into.height * into.width;
  const channels = into.data.length / area;
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) {
      const from = c * partArea + (skip.y + y) * part.width + skip.x;
      const to = c * area + (core.y / LATENT_PIXELS + y) * into.width + core.x / LATENT_PIXELS;
      into.data.set(part.data.subarray(from, from + width), to);
    }
  }
}

/** A window of a picture as planes [3, h, w] in 0…1, edges repeated outside the picture. */
export function planar(picture: Picture, window: Tile): Float32Array {
  const { width, height } = window;
  const area = width * height;
  const out = new Float32Array(3 * area);
  const { rgb } = picture;
  for (let y = 0; y < height; y++) {
    const row = Math.min(picture.height - 1, window.y + y) * picture.width;
    for (let x = 0; x < width; x++) {
      const from = (row + Math.min(picture.width - 1, window.x + x)) * 3;
      const to = y * width + x;
      out[to] = rgb[from]! / 255;
      out[area + to] = rgb[from + 1]! / 255;
      out[2 * area + to] = rgb[from + 2]! / 255;
    }
  }
  return out;
}

/** Rounds a window's planes to 8 bits and stores its core, as far as it lies inside the picture. */
function store(pixels: Float32Array, outer: Tile, core: Tile, picture: Picture): void {
  const area = outer.width * outer.height;
  const right = Math.min(core.x + core.width, picture.width);
  const bottom = Math.min(core.y + core.height, picture.height);
  const { rgb } = picture;
  for (let y = core.y; y < bottom; y++) {
    let from = (y - outer.y) * outer.width + core.x - outer.x;
    let to = (y * picture.width + core.x) * 3;
    for (let x = core.x; x < right; x++, from++) {
      rgb[to++] = level(pixels[from]!);
      rgb[to++] = level(pixels[area + from]!);
      rgb[to++] = level(pixels[2 * area + from]!);
    }
  }
}

function level(value: number): number {
  return value <= 0 ? 0 : value >= 1 ? 255 : Math.floor(value * 255 + 0.5);
}
