import { availableParallelism } from 'node:os';
import sharp from 'sharp';
import type { Sharp } from 'sharp';
import { LaviError } from '../api/errors';

// No operation is ever asked for twice, so a cache of results would only hold old photos in memory.
sharp.cache(false);
// One photo is in work at a time; more threads than this only multiply libvips' line buffers.
sharp.concurrency(Math.max(1, Math.min(4, availableParallelism())));

/**
 * The same memory as a plain Uint8Array. Buffers must not leave this room: their slice() shares
 * memory where a Uint8Array's copies, and a photo's user cannot know which of the two it holds.
 */
export const plain = (buffer: Buffer): Uint8Array =>
  new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);

/**
 * Runs an encoder.
 * @throws LaviError INTERNAL if it fails: sizes are checked before, so no picture should make it
 */
export async function written(image: Sharp): Promise<Uint8Array> {
  try {
    return plain(await image.toBuffer());
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LaviError('INTERNAL', `Expected an encoded picture and found: ${reason}`, undefined, {
      cause,
    });
  }
}

export { sharp };
