import { z } from 'zod';
import { failureSchema } from '../channel/answer';
import { exportFormats } from './settings';
import { bytes, decibels, fraction, id, path, pictureUrl, pixels, quality } from '../shapes';

/** What saving a file came to; every number is measured. */
const savedSchema = z.object({
  /** Where it lies, for people to read. */
  output: path,
  bytes,
  originalBytes: bytes,
  seconds: z.number().nonnegative(),
  /** The coded file would not have been smaller: the original was kept as it is. */
  kept: z.boolean(),
  /** What it was exported as, where not to .lavi. */
  format: z.enum(exportFormats).optional(),
  /** It was coloured; a photo compressed as it is still is to be saved. */
  coloured: z.boolean().optional(),
  quality: quality.optional(),
  bpp: z.number().positive().optional(),
  /** −Σ log₂ p over all symbols. */
  modelBits: z.number().nonnegative().optional(),
  psnr: decibels.optional(),
});

export const fileStates = ['new', 'ready', 'waiting', 'coding', 'saved', 'failed'] as const;

export const fileEntrySchema = z.object({
  id,
  name: z.string(),
  /** The folder it lies in, for people to read; empty for a photo that came without a path. */
  folder: z.string(),
  kind: z.enum(['photo', 'lavi']),
  bytes,
  width: pixels.optional(),
  height: pixels.optional(),
  /**
   * `new` until its header has been read, then `ready`; `waiting` and `coding` while it is being
   * saved; then `saved` or `failed`. A file that cannot be read is `failed` at once.
   */
  state: z.enum(fileStates),
  /** How far coding is, in the state `coding`. */
  fraction: fraction.optional(),
  /** Why it `failed`. */
  error: failureSchema.optional(),
  thumb: pictureUrl.optional(),
  /** Set by hand for this file; without it the settings' quality applies. */
  quality: quality.optional(),
  /** Saved as .lavi even where that makes it larger, whatever the settings say. */
  anyway: z.boolean().optional(),
  /** About how large it would be saved as, at qualities over the whole range: from some patches of it. */
  sizes: z.array(z.object({ quality, bytes })).optional(),
  /** Its bytes are gone, with an earlier run or from where they were: it has to be dropped again. */
  lost: z.boolean().optional(),
  /** In the state `saved`. */
  result: savedSchema.optional(),
});
export type FileEntry = z.infer<typeof fileEntrySchema>;

/** A folder as the app's own folder list shows it: for browsers, whose dialogs give no paths. */
export const folderSchema = z.object({
  dir: path,
  /** The folder above; null at the top. */
  parent: path.nullable(),
  entries: z.array(
    z.object({
      name: z.string(),
      path,
      kind: z.enum(['folder', 'photo', 'lavi']),
      bytes: bytes.optional(),
    }),
  ),
  /** Entries that did not fit into the list. */
  more: z.int().nonnegative(),
});
