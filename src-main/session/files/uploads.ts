import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { LaviError } from '../../api/errors';
import type { Found } from './scan';
import { kindOf } from './scan';

export interface UploadLimits {
  /** Of one file, and of all that a run keeps. */
  fileBytes: number;
  totalBytes: number;
  count: number;
}

export const uploadLimits: UploadLimits = {
  fileBytes: 2 ** 30,
  totalBytes: 16 * 2 ** 30,
  count: 20_000,
};

/** Photos that came as bytes: kept in a folder of the app's own, over runs, until saved or removed. */
export class Uploads {
  #count = 0;
  #bytes = 0;

  constructor(
    readonly folder: string,
    readonly limits: UploadLimits = uploadLimits,
  ) {}

  /** Takes over what an earlier run left: files that are still listed; removes all others. */
  async keep(paths: readonly string[]): Promise<void> {
    const kept = new Set(paths.map((path) => basename(dirname(path))));
    for (const name of await readdir(this.folder)) {
      const own = join(this.folder, name);
      if (!kept.has(name)) await rm(own, { recursive: true, force: true });
    }
    for (const path of paths) {
      this.#count++;
      this.#bytes += (await stat(path)).size;
    }
  }

  /**
   * Writes a photo's bytes under its own name.
   *
   * @param declared how many bytes they are going to be, where that is known
   * @param place where it lay in what was dropped, with `/`; kept when it is saved
   * @throws LaviError BAD_REQUEST past a limit, WRITE_FAILED; nothing is kept then
   */
  async receive(
    name: string,
    place: string | undefined,
    bytes: Readable,
    declared = 0,
  ): Promise<Found> {
    const { count, fileBytes, totalBytes } = this.limits;
    const room = () => Math.min(fileBytes, totalBytes - this.#bytes);
    const tooLarge = () =>
      new LaviError('BAD_REQUEST', `Expected a photo of at most ${room()} bytes.`);
    if (this.#count >= count) {
      throw new LaviError('BAD_REQUEST', `Expected at most ${count} photos without a path.`);
    }
    // Refused before it is read: in the middle there is no way to answer.
    if (declared > room()) throw tooLarge();
    const safeName = safeNames(name).at(-1) ?? 'photo';
    const own = join(this.folder, randomUUID());
    const path = join(own, safeName);
    let received = 0;
    const limited = new Transform({
      transform: (chunk: Buffer, _, done) => {
        received += chunk.length;
        if (received > room()) done(tooLarge());
        else done(null, chunk);
      },
    });
    this.#count++;
    try {
      await mkdir(own, { mode: 0o700 });
      await pipeline(bytes, limited, createWriteStream(path, { mode: 0o600, flags: 'wx' }));
    } catch (cause) {
      this.#count--;
      await rm(own, { recursive: true, force: true });
      if (cause instanceof LaviError) throw cause;
      throw new LaviError('WRITE_FAILED', `${name} could not be received.`, undefined, { cause });
    }
    this.#bytes += received;
    const folders = safeNames(place ?? '').slice(0, -1);
    return {
      path,
      bytes: received,
      kind: kindOf(safeName) ?? 'photo',
      place: [...folders, safeName].join('/'),
    };
  }
}

/** The parts of a path as names that are safe anywhere: never a way up, never another disk. */
function safeNames(path: string): string[] {
  return path
    .split(/[\\/]/)
    .map((name) => name.replace(/[<>:"|?*\p{Cc}]/gu, '_').replace(/[. ]+$/, ''))
    .filter((name) => name !== '')
    .map((name) => name.slice(0, 120));
}
