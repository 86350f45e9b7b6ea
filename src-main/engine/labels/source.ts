import { join } from 'node:path';
import type { MapHeader } from '../../api/jobs/labels';
import { LaviError } from '../../api/errors';
import { MAX_PIXELS, readPhoto } from '../../image/photo';
import { thumbnail } from '../../image/thumbnail';
import { readInput } from '../../jobs/input';
import { decodeLabels, decodeSeededLabels, isSeeded } from '../../labels/file';
import type { LabelMap } from '../../labels/map';
import { readLabelPng } from '../../labels/png-map';
import { lumaOf } from '../../labels/watershed';

const isLavi = (path: string) => path.toLowerCase().endsWith('.lavi');

/** The map that a log starts from; of a photo all is one label until it is segmented. */
export async function readSource(folder: string, header: MapHeader): Promise<LabelMap> {
  const { source, kind, photo, width, height } = header;
  if (kind === 'photo') return { width, height, labels: new Uint16Array(width * height) };
  const bytes = await readInput(join(folder, source));
  if (kind === 'seeded') {
    const { rgb } = await readPhoto(join(folder, photo!));
    return decodeSeededLabels(bytes, lumaOf(rgb)).map;
  }
  return isLavi(source) ? decodeLabels(bytes).map : readLabelPng(bytes);
}

/**
 * What a file is here: a label map if it can be read as one, else a photo.
 *
 * @throws LaviError of reading; WRONG_CONTENT for a .lavi photo, UNSUPPORTED_IMAGE for neither
 */
export async function peekMap(file: string) {
  const bytes = await readInput(file);
  if (isLavi(file)) {
    if (isSeeded(bytes)) return { kind: 'seeded' as const };
    const { width, height } = decodeLabels(bytes).map;
    return { kind: 'map' as const, width, height };
  }
  try {
    const { width, height } = readLabelPng(bytes);
    return { kind: 'map' as const, width, height };
  } catch (error) {
    // Whatever is no label PNG may be a photo.
    if (!(error instanceof LaviError) || error.code !== 'UNSUPPORTED_IMAGE') throw error;
  }
  const { width, height } = await thumbnail(bytes, 16);
  if (width * height > MAX_PIXELS) {
    throw new LaviError(
      'IMAGE_TOO_LARGE',
      `Expected a photo of at most ${MAX_PIXELS} pixels and found ${width} × ${height}.`,
    );
  }
  return { kind: 'photo' as const, width, height };
}
