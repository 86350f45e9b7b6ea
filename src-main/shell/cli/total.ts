import { LaviError } from '../../api/errors';
import type { Tune } from '../../api/choices';
import type { Engine } from '../../engine/engine';
import { exitCodes } from './common';
import type { Item } from './inputs';
import type { Report } from './report';
import { sizeText } from './report';

/** The quality at which a batch fits into a size, and what each file takes then. */
export interface Fitted {
  quality: number;
  bytesOf: (file: string) => number;
}

/**
 * Finds the one quality at which all files together take at most `total` bytes, and says so. Files
 * that cannot be read, and all of them where no quality will do, are marked as failures.
 */
export async function fitBatch({
  engine,
  report,
  items,
  total,
  metadata,
  thumbnail,
  tune,
}: {
  engine: Engine;
  report: Report;
  items: Item[];
  total: number;
  metadata: boolean;
  thumbnail: boolean;
  tune: Tune | undefined;
}): Promise<Fitted | undefined> {
  const sound = items.filter(({ failure }) => !failure);
  if (sound.length === 0) return undefined;
  const files = sound.map(({ file }) => ({ file, anyway: true }));
  const onProgress = (fraction: number) =>
    report.progress(`${sound.length} files`, 'finding the quality for all', fraction);
  const { signal } = new AbortController();
  try {
    const args = { files, bytes: total, metadata, thumbnail, tune: tune ?? 'psnr' };
    const fitted = await engine.run('fit', args, { signal, onProgress });
    const bytes = new Map<string, number>();
    for (const [i, file] of fitted.files.entries()) {
      if ('bytes' in file) bytes.set(file.file, file.bytes);
      else sound[i]!.failure = new LaviError(file.error.code, file.error.message);
    }
    const { quality, lambda } = fitted;
    report.result(
      { total, bytes: fitted.bytes, quality, lambda },
      `${bytes.size} files in ${sizeText(fitted.bytes)} of ${sizeText(total)}: quality ${quality}, ` +
        `λ ${lambda.toPrecision(3)}`,
    );
    return { quality, bytesOf: (file) => bytes.get(file)! };
  } catch (error) {
    report.failure('all files', error);
    items.length = 0;
    process.exitCode = exitCodes.someFailed;
    return undefined;
  }
}
