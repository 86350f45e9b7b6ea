import { z } from 'zod';
import { bytes, fraction, ids } from '../shapes';

export const queueStates = ['idle', 'running', 'paused'] as const;

/** The batch being saved, or the last one: it is over in the state `idle`. */
export const queueSchema = z.object({
  state: z.enum(queueStates),
  /** Files of the batch, and how many of them have ended which way. */
  total: z.int().nonnegative(),
  saved: z.int().nonnegative(),
  failed: ids,
  /** Share of the batch's pixels (bytes where those are not known) that is done. */
  fraction,
  /** Of the files saved. */
  originalBytes: bytes,
  bytes,
  /** All that was saved was decoded again and compared; what is exported is not. */
  verified: z.boolean(),
  /** What saving a megapixel takes on this machine, measured; null until something was. */
  secondsPerMegapixel: z.number().positive().nullable(),
  /** Until the end, extrapolated from the files done; null while nothing is known. */
  secondsLeft: z.number().nonnegative().nullable(),
});
export type QueueState = z.infer<typeof queueSchema>;
