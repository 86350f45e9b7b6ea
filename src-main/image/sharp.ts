import { availableParallelism } from 'node:os';
import sharp from 'sharp';

// No operation is ever asked for twice, so a cache of results would only hold old photos in memory.
sharp.cache(false);
// One photo is in work at a time; more threads than this only multiply libvips' line buffers.
sharp.concurrency(Math.max(1, Math.min(4, availableParallelism())));

export { sharp };
