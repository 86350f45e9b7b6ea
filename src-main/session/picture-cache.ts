import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

export const pictureName = /^[0-9a-f]{32}\.(png|webp)$/;

interface Kept {
  bytes: number;
  remake: (() => Promise<unknown>) | undefined;
}

/** So many pictures are remembered well enough to be made again after their file has gone. */
const MOST_REMEMBERED = 20_000;

/** The pictures written for the screen: 512 MB of them, the least recently used removed first. */
export class Pictures {
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  constructor(
    readonly folder: string,
    readonly limit = 512 * 2 ** 20,
  ) {}

  /**
   * Takes note of a picture in the folder.
   *
   * @param remake writes it again
   * @returns its address
   */
  async add(name: string, bytes: number, remake?: () => Promise<unknown>): Promise<string> {
    this.#bytes += bytes - (this.#kept.get(name)?.bytes ?? 0);
    this.#kept.delete(name);
    this.#kept.set(name, { bytes, remake });
    for (const [oldest, kept] of this.#kept) {
      const tooMany = this.#kept.size > MOST_REMEMBERED;
      if ((this.#bytes <= this.limit && !tooMany) || oldest === name) break;
      this.#bytes -= kept.bytes;
      kept.bytes = 0;
      if (tooMany || !kept.remake) this.#kept.delete(oldest);
      await rm(join(this.folder, oldest), { force: true });
    }
    return `/px/${name}`;
  }

  /** The file of a picture, made again if it has gone; undefined for one that never was. */
  async fileOf(name: string): Promise<string | undefined> {
    const kept = pictureName.test(name) ? this.#kept.get(name) : undefined;
    if (!kept) return undefined;
    const path = join(this.folder, name);
    if (!(await stat(path).catch(() => undefined))) await kept.remake?.();
    const found = await stat(path).catch(() => undefined);
    if (!found) return undefined;
    await this.add(name, found.size, kept.remake);
    return path;
  }
}
