import type { Picture } from '../../rda/transforms';

const BLOCK = 32;
/** Spots whose centres are nearer than this show the same place. */
const APART = 128;

export interface Spot {
  x: number;
  y: number;
  w: number;
  h: number;
  mse: number;
}

/** The blocks of 32 × 32 pixels with the largest mean squared error, worst first, apart from each other. */
export function worstSpots(original: Picture, decoded: Picture, n: number): Spot[] {
  const { width, height } = original;
  const spots: Spot[] = [];
  for (let y = 0; y < height; y += BLOCK) {
    for (let x = 0; x < width; x += BLOCK) {
      const w = Math.min(BLOCK, width - x);
      const h = Math.min(BLOCK, height - y);
      let sum = 0;
      for (let row = y; row < y + h; row++) {
        for (let i = (row * width + x) * 3; i < (row * width + x + w) * 3; i++) {
          sum += (original.rgb[i]! - decoded.rgb[i]!) ** 2;
        }
      }
      spots.push({ x, y, w, h, mse: sum / (3 * w * h) });
    }
  }
  spots.sort((a, b) => b.mse - a.mse);
  const kept: Spot[] = [];
  for (const spot of spots) {
    if (kept.length === n) break;
    if (kept.every((other) => Math.hypot(other.x - spot.x, other.y - spot.y) >= APART)) {
      kept.push(spot);
    }
  }
  return kept;
}
