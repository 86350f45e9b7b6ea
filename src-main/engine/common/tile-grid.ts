import { createHash } from 'node:crypto';
import { LaviError } from '../../api/errors';
import type { Rectangle } from './decoded';
import { partsOf } from './decoded';

interface Size {
  width: number;
  height: number;
}

/** The size of a level, each half of the one before. */
export function sizeAt({ width, height }: Size, level: number): Size {
  const scale = 2 ** level;
  return { width: Math.ceil(width / scale), height: Math.ceil(height / scale) };
}

/** The part of a rectangle that lies in a picture. @throws LaviError BAD_REQUEST if none does */
export function within(size: Size, { x, y, w, h }: Rectangle): Rectangle {
  const right = Math.min(size.width, x + w);
  const bottom = Math.min(size.height, y + h);
  if (x < right && y < bottom) return { x, y, w: right - x, h: bottom - y };
  throw new LaviError(
    'BAD_REQUEST',
    `Expected a rectangle within ${size.width} × ${size.height} and found one at ${x}, ${y}.`,
  );
}

/** The tiles that cover a rectangle, cut at multiples of their side: neighbouring requests share them. */
export function alignedTiles({ x, y, w, h }: Rectangle, side: number, size: Size): Rectangle[] {
  const left = Math.floor(x / side) * side;
  const top = Math.floor(y / side) * side;
  const right = Math.min(size.width, Math.ceil((x + w) / side) * side);
  const bottom = Math.min(size.height, Math.ceil((y + h) / side) * side);
  return partsOf({ x: left, y: top, w: right - left, h: bottom - top }, side);
}

/** 32 hex digits of a hash: the folder is private, so nobody else's choice can collide. */
export function tileName(...key: unknown[]): string {
  return createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 32);
}
