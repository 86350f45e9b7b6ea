import { clamp, hash, noise, smoothstep } from './noise';

export type Rgb = [number, number, number];

/**
 * A scene gives the light at a point: x from 0 to the aspect ratio, y from 0 (top) to 1, `pixel`
 * the size of a pixel in the same unit (finer detail than that would alias).
 * @returns linear light, 1 = white
 */
export type Scene = (x: number, y: number, pixel: number) => Rgb;

export interface SceneKind {
  /** Film grain, in 8-bit levels of standard deviation in the mid tones. */
  grain: number;
  /** How much darker the corners are, 0…1. */
  vignette: number;
  make(seed: number, aspect: number): Scene;
}

export const blend = (a: Rgb, b: Rgb, t: number): Rgb => [
  a[0] + (b[0] - a[0]) * t,
  a[1] + (b[1] - a[1]) * t,
  a[2] + (b[2] - a[2]) * t,
];
export const scale = (c: Rgb, k: number): Rgb => [c[0] * k, c[1] * k, c[2] * k];
export const add = (a: Rgb, b: Rgb, k = 1): Rgb => [
  a[0] + b[0] * k,
  a[1] + b[1] * k,
  a[2] + b[2] * k,
];
/** A colour written as sRGB hex, as linear light. */
export function color(hex: number): Rgb {
  const channel = (v: number) => {
    const s = (v & 255) / 255;
    return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
  };
  return [channel(hex >> 16), channel(hex >> 8), channel(hex)];
}

/** How much of a pixel lies inside a shape whose signed distance to the edge is d (inside < 0). */
export const cover = (d: number, pixel: number): number => clamp(0.5 - d / pixel);

/** sRGB encoding of linear light 0…1 in 4,096 steps, as levels 0…255 with fraction. */
const encoded = Float32Array.from({ length: 4097 }, (_, i) => {
  const v = i / 4096;
  return 255 * (v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055);
});

/** Rolls highlights off above 0.75 instead of clipping them. */
const rollOff = (v: number): number => (v < 0.75 ? v : 1 - 0.0625 / (v - 0.5));

function encode(v: number): number {
  const t = clamp(rollOff(v)) * 4096;
  const i = Math.min(4095, Math.floor(t));
  return encoded[i]! + (encoded[i + 1]! - encoded[i]!) * (t - i);
}

/**
 * Renders a scene as a camera would: averaged over each pixel (2 × 2 points, one above 4 MP), with
 * vignette, soft highlights, sRGB curve and grain.
 * @returns width × height × 3 samples
 */
export function render(
  kind: SceneKind,
  { width, height, seed }: { width: number; height: number; seed: number },
): Uint8Array {
  const aspect = width / height;
  const scene = kind.make(seed, aspect);
  const out = new Uint8Array(width * height * 3);
  const pixel = 1 / height;
  const points = width * height > 4e6 ? [0.5] : [0.25, 0.75];
  for (let row = 0; row < height; row++) {
    for (let col = 0; col < width; col++) {
      const light: Rgb = [0, 0, 0];
      for (const dy of points) {
        for (const dx of points) {
          const at = scene((col + dx) * pixel, (row + dy) * pixel, pixel);
          for (let c = 0; c < 3; c++) light[c]! += at[c]!;
        }
      }
      const u = ((col + 0.5) / width) * 2 - 1;
      const v = ((row + 0.5) / height) * 2 - 1;
      const shade = (1 - kind.vignette * smoothstep(0.3, 2, u * u + v * v)) / points.length ** 2;
      // Sensor noise as cameras leave it: part blurred by demosaicing, stronger in the shadows.
      const luma = noise(col * 0.7, row * 0.7, seed ^ 0x51ed) - 0.5;
      const fine = hash(col, row, seed ^ 0x2f1b) - 0.5;
      for (let c = 0; c < 3; c++) {
        const level = encode(light[c]! * shade);
        const chroma = noise(col * 0.5 + 31 * c, row * 0.5, seed + 77 + c) - 0.5;
        const strength = kind.grain * (1.4 - level / 320);
        const value = level + strength * (2.2 * luma + 1.8 * fine + 1.2 * chroma);
        out[3 * (row * width + col) + c] = Math.round(clamp(value, 0, 255));
      }
    }
  }
  return out;
}
