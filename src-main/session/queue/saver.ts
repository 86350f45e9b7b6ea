import { z } from 'zod';
import type { FileEntry } from '../../api/calls/contract';
import { colourOrderSchema, exportFormats, settingsSchema } from '../../api/calls/contract';
import { LaviError } from '../../api/errors';
import { writtenExtensions } from '../../api/formats';
import type { ListedFile } from '../files/files';
import { planOutput } from '../files/outputs';
import type { Engines } from '../engines';

/** How a file is to be saved: as things stood when it was put into the batch. */
export const orderSchema = z.object({
  id: z.string(),
  /** Orders of earlier versions name no tune. */
  settings: settingsSchema.extend({ tune: settingsSchema.shape.tune.default('psnr') }),
  quality: z.number(),
  /** What it is exported as; a .lavi file of a photo where left out. */
  format: z.enum(exportFormats).optional(),
  formatQuality: z.int().optional(),
  /** How it is coloured first, if at all. */
  colours: colourOrderSchema.optional(),
  anyway: z.boolean(),
  /** Bytes that a search for a total measured. */
  atMost: z.int().optional(),
});
export type Order = z.infer<typeof orderSchema>;

export interface Watch {
  signal: AbortSignal;
  onProgress: (fraction: number) => void;
}

export type FileResult = NonNullable<FileEntry['result']>;

/** Names that changed hands while a file was being coded are tried anew so often. */
const NAME_TRIES = 5;

/** Saves a file under a free name, and under the next one if another program took it meanwhile. */
export async function saveFile(
  engines: Engines,
  file: ListedFile,
  order: Order,
  watch: Watch,
): Promise<FileResult> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await wayOf(order)(engines, file, order, watch);
    } catch (error) {
      const nameTaken = error instanceof LaviError && error.code === 'FILE_EXISTS';
      if (!nameTaken || attempt === NAME_TRIES) throw error;
    }
  }
}

const wayOf = ({ colours, format }: Order) =>
  colours ? saveColoured : format ? exportFile : compress;

async function saveColoured(
  { main }: Engines,
  file: ListedFile,
  { colours, format, formatQuality, quality, settings }: Order,
  watch: Watch,
): Promise<FileResult> {
  const extension = `.colour${format ? `.${writtenExtensions[format]}` : '.lavi'}`;
  // The extension alone tells it from the original.
  const { output } = planOutput(file, { ...settings, suffix: '' }, extension);
  const args = {
    ...sourceOf(file),
    ...{ output, colours: colours!, quality, metadata: settings.metadata },
    ...(format && { format }),
    ...(formatQuality !== undefined && { formatQuality }),
  };
  const saved = await main.run('colourSave', args, watch);
  return { ...saved, kept: false, coloured: true, ...(format && { format }) };
}

function compress({ main }: Engines, file: ListedFile, order: Order, watch: Watch) {
  const { settings, quality, anyway, atMost } = order;
  return main.run(
    'save',
    {
      ...sourceOf(file),
      ...planOutput(file, settings, '.lavi'),
      ...{ quality, anyway, metadata: settings.metadata },
      tune: settings.tune,
      // What fits a total was measured at the default effort; the best one lowers the squared error alone.
      ...(atMost !== undefined && { atMost }),
      ...(atMost === undefined && settings.tune === 'psnr' && { effort: settings.effort }),
    },
    watch,
  );
}

async function exportFile(
  { main, pixels }: Engines,
  file: ListedFile,
  { format, formatQuality, settings }: Order,
  watch: Watch,
): Promise<FileResult> {
  const { output } = planOutput(file, settings, `.${writtenExtensions[format!]}`);
  const args = {
    ...sourceOf(file),
    ...{ output, format: format!, metadata: settings.metadata },
    ...(formatQuality !== undefined && { formatQuality }),
  };
  // Only .lavi files need nets.
  const engine = file.entry.kind === 'lavi' ? main : pixels;
  return { ...(await engine.run('export', args, watch)), kept: false, format: format! };
}

function sourceOf({ path, modified }: ListedFile) {
  return { file: path, ...(modified !== undefined && { modified }) };
}
