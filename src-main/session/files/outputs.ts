import { existsSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import type { Settings } from '../../api/calls/contract';
import type { ListedFile } from './files';

export interface PlannedOutput {
  output: string;
  /** Where the original is copied to if coding it would not make it smaller. */
  copy?: string;
}

/**
 * Where a file is saved. Names that are taken, on disk or by `taken`, get a number: nothing is ever
 * replaced.
 *
 * @param extension of the output, with the dot
 */
export function planOutput(
  { path, place, upload }: Pick<ListedFile, 'path' | 'place' | 'upload'>,
  settings: Pick<Settings, 'outputRule' | 'outputFolder' | 'suffix'>,
  extension: string,
  taken: (path: string) => boolean = () => false,
): PlannedOutput {
  const beside = settings.outputRule === 'beside' && !upload;
  const folder = beside ? dirname(path) : join(settings.outputFolder, dirname(place));
  const stem = basename(place, extname(place)) + (beside ? settings.suffix : '');
  const output = freeName(folder, stem, extension, taken);
  if (beside) return { output };
  const copy = freeName(folder, stem, extname(place), (name) => taken(name) || name === output);
  return { output, copy };
}

function freeName(
  folder: string,
  stem: string,
  extension: string,
  taken: (path: string) => boolean,
): string {
  for (let number = 1; ; number++) {
    const path = join(folder, `${stem}${number > 1 ? ` (${number})` : ''}${extension}`);
    if (!existsSync(path) && !taken(path)) return path;
  }
}
