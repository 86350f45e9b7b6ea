import { z } from 'zod';
import { efforts, providerChoiceSchema, tunes } from '../choices';
import { path, quality } from '../shapes';

export const workspaceNames = ['compress', 'colorize', 'labels', 'latents'] as const;
export type WorkspaceName = (typeof workspaceNames)[number];

/** What the app speaks. */
export const appLanguages = ['en', 'de'] as const;

export const exportFormats = ['png', 'jpeg', 'webp', 'avif', 'tiff'] as const;

export const colourFormats = [...exportFormats, 'lavi'] as const;

export const settingsSchema = z.object({
  /** What the window shows. */
  workspace: z.enum(workspaceNames),
  theme: z.enum(['system', 'light', 'dark']),
  language: z.enum(appLanguages),
  /** Where saved files go: all into one folder, or each beside its original. */
  outputRule: z.enum(['folder', 'beside']),
  outputFolder: path,
  /** Put after the name of a file that is saved beside its original: `photo-small.lavi`. */
  suffix: z
    .string()
    .max(32)
    .regex(/^[^\\/:*?"<>|\0]*$/),
  /** Keep EXIF and XMP; the colour profile always stays. */
  metadata: z.boolean(),
  /** What saving spends: `best` is slower and a little smaller, in the same format. */
  effort: z.enum(efforts),
  /** What pictures are coded to be good at. */
  tune: z.enum(tunes),
  provider: providerChoiceSchema,
  /** Threads of the nets; null: as many as there are cores. */
  threads: z.int().min(1).max(64).nullable(),
  /** The quality of every photo that has none of its own. */
  quality,
  /** Save photos as .lavi even where that makes them larger; otherwise those are kept as they are. */
  codeAnyway: z.boolean(),
  exportFormat: z.enum(exportFormats),
  /** Of exports to JPEG, WebP and AVIF, in those formats' own terms. */
  exportQuality: z.int().min(1).max(100),
  /** What coloured photos are saved as. */
  colourFormat: z.enum(colourFormats),
  /** Say in a coloured photo's XMP that a model coloured it. */
  colourNote: z.boolean(),
});
export type ExportFormat = (typeof exportFormats)[number];
export type ColourFormat = (typeof colourFormats)[number];
export type Settings = z.infer<typeof settingsSchema>;
