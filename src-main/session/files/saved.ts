import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LaviError } from '../../api/errors';
import type { Files } from './files';
import type { EngineRunner } from '../engines';
import { kindOf } from './scan';

/** What files were saved as, for shells that hand it to other programs. */
export class Saved {
  constructor(
    readonly files: Files,
    /** Decodes. */
    readonly engine: () => EngineRunner,
    /** Takes what was decoded. */
    readonly folder: string,
  ) {}

  /**
   * The paths that files were saved to, in order.
   *
   * @throws LaviError BAD_REQUEST for a file that is unknown or not saved, FILE_NOT_FOUND for one that
   *   has gone since
   */
  async paths(ids: string[]): Promise<string[]> {
    return Promise.all(ids.map((id) => this.path(id)));
  }

  /** As `paths`, for one file. */
  async path(id: string): Promise<string> {
    const { state, name, result } = this.files.get(id).entry;
    if (state !== 'saved' || !result) {
      throw new LaviError('BAD_REQUEST', `Expected a saved file, ${name} is ${state}.`);
    }
    const path = result.output;
    if (await stat(path).catch(() => undefined)) return path;
    throw new LaviError('FILE_NOT_FOUND', `There is no file ${path} any more.`, { path });
  }

  /**
   * What a saved file shows, as a file that other programs understand: itself, or a PNG decoded from
   * it, which is the caller's to remove.
   *
   * @throws LaviError as `path` and decoding do
   */
  async picture(id: string): Promise<{ path: string; temporary: boolean }> {
    const path = await this.path(id);
    if (kindOf(path) !== 'lavi') return { path, temporary: false };
    const output = join(this.folder, `copied-${randomUUID()}.png`);
    await this.engine().run('decompress', { file: path, output, format: 'png' });
    return { path: output, temporary: true };
  }
}
