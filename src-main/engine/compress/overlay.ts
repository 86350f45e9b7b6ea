import { overlayFull } from '../../api/calls/contract';
import type { Samples } from '../../image/tile';
import { LATENT_PIXELS } from '../../rda/tiles';
import type { Picture } from '../../rda/transforms';
import type { BlockBits } from '../common/block-bits';
import type { Rectangle } from '../common/decoded';

/** Bits are blue and distortion is orange, everywhere in the app. */
const blue = [37, 99, 235] as const;
const orange = [234, 88, 12] as const;

/** Bits per pixel as opacity: linear up to `overlayFull.bits`. `rectangle` is in the level's pixels. */
export function bitsOverlay(bits: BlockBits, rectangle: Rectangle, level: number): Samples {
  const scale = 2 ** level;
  const full = overlayFull.bits * LATENT_PIXELS ** 2;
  return tint(rectangle, blue, (x, y) => bits.at(x * scale, y * scale) / full);
}

/**
 * Root mean square error as opacity: linear up to `overlayFull.error`. Both pictures are the
 * rectangle's pixels at level 0; at level n a pixel shows the mean of its 2ⁿ × 2ⁿ.
 */
export function errorOverlay(original: Picture, decoded: Picture, level: number): Samples {
  const scale = 2 ** level;
  const { width, height } = original;
  const size = { x: 0, y: 0, w: Math.ceil(width / scale), h: Math.ceil(height / scale) };
  return tint(size, orange, (x, y) => {
    let sum = 0;
    const right = Math.min(width, (x + 1) * scale);
    const bottom = Math.min(height, (y + 1) * scale);
    for (let row = y * scale; row < bottom; row++) {
      for (let i = (row * width + x * scale) * 3; i < (row * width + right) * 3; i++) {
        sum += (original.rgb[i]! - decoded.rgb[i]!) ** 2;
      }
    }
    const samples = 3 * (right - x * scale) * (bottom - y * scale);
    return Math.sqrt(sum / samples) / overlayFull.error;
  });
}

function tint(
  { x, y, w, h }: Rectangle,
  [red, green, blueness]: readonly [number, number, number],
  strength: (x: number, y: number) => number,
): Samples {
  const data = new Uint8Array(w * h * 4);
  for (let row = 0; row < h; row++) {
    for (let column = 0; column < w; column++) {
      const to = (row * w + column) * 4;
      data[to] = red;
      data[to + 1] = green;
      data[to + 2] = blueness;
      data[to + 3] = Math.round(255 * Math.min(1, strength(x + column, y + row)));
    }
  }
  return { width: w, height: h, channels: 4, data };
}
