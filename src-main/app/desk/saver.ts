import type { exportFormats, FileEntry, Settings } from '../../api/app';
import { LaviError } from '../../api/errors';
import type { ListedFile } from './files';
import { planOutput } from './outputs';
import type { EngineRunner } from './runners';

export type ExportFormat = (typeof exportFormats)[number];

const extensions: Record<ExportFormat, string> = {
  png: '.png',
  jpeg: '.jpg',
  webp: '.webp',
  avif: '.avif',
  tiff: '.tif',
};

/** How a file is to be saved: as things stood when it was put into the batch. */
export interface Order {
  id: string;
  settings: Settings;
  quality: number;
  format: ExportFormat;
}

export interface Watch {
  signal: AbortSignal;
  onProgress: (fraction: number) => void;
}

export type FileResult = NonNullable<FileEntry['result']>;

/** Names that changed hands while a file was being coded are tried anew so often. */
const NAME_TRIES = 5;

/** Saves a file under a free name, and under the next one if another program took it meanwhile. */
export async function saveFile(
  engine: EngineRunner,
  file: ListedFile,
  order: Order,
  watch: Watch,
): Promise<FileResult> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await (file.entry.kind === 'lavi' ? exportFile : compress)(engine, file, order, watch);
    } catch (error) {
      const nameTaken = error instanceof LaviError && error.code === 'FILE_EXISTS';
      if (!nameTaken || attempt === NAME_TRIES) throw error;
    }
  }
}

function compress(engine: EngineRunner, file: ListedFile, order: Order, watch: Watch) {
  const { path, modified } = file;
  const { settings, quality } = order;
  return engine.run(
    'save',
    {
      file: path,
      ...planOutput(file, settings, '.lavi'),
      quality,
      metadata: settings.metadata,
      ...(modified !== undefined && { modified }),
    },
    watch,
  );
}

async function exportFile(
  engine: EngineRunner,
  file: ListedFile,
  { format, settings }: Order,
  watch: Watch,
): Promise<FileResult> {
  const { output } = planOutput(file, settings, extensions[format]);
  const args = { file: file.path, output, format };
  const { seconds, bytes } = await engine.run('decompress', args, watch);
  return { output, seconds, bytes, originalBytes: file.entry.bytes, kept: false };
}
