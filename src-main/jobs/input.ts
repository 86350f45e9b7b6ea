import { readFile } from 'node:fs/promises';
import { LaviError } from '../api/errors';

/**
 * Reads a file whole.
 *
 * @throws LaviError FILE_NOT_FOUND or FILE_UNREADABLE.
 */
export async function readInput(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new LaviError('FILE_NOT_FOUND', `There is no file ${path}.`, { path }, { cause });
    }
    const reasons: Record<string, string> = {
      EISDIR: 'it is a folder',
      EACCES: 'reading it is not allowed',
    };
    const reason = reasons[code ?? ''] ?? code ?? String(cause);
    throw new LaviError(
      'FILE_UNREADABLE',
      `${path} cannot be read: ${reason}.`,
      { path },
      { cause },
    );
  }
}
