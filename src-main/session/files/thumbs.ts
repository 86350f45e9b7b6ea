import { toFailure } from '../../api/channel/answer';
import type { EngineRunner } from '../engines';
import type { Files } from './files';
import type { Pictures } from '../picture-cache';

/** Reads sizes and thumbnails of the files that somebody looks at, in the order of the last wish. */
export class Thumbs {
  #wanted: string[] = [];
  #busy = false;
  /** .lavi files that carry no thumbnail, whose pictures have to be decoded, which takes long: one at a time, beside the others. */
  #coded: string[] = [];
  #decoding = false;

  constructor(
    readonly engine: () => EngineRunner,
    /** The one that runs nets. */
    readonly decoder: () => EngineRunner,
    readonly files: Files,
    readonly pictures: Pictures,
  ) {}

  want(ids: string[]): void {
    this.#wanted = [...ids];
    this.#coded = [];
    if (!this.#busy) void this.#loop();
  }

  async #loop(): Promise<void> {
    this.#busy = true;
    for (let id = this.#wanted.shift(); id !== undefined; id = this.#wanted.shift()) {
      await this.#peek(id);
    }
    this.#busy = false;
  }

  async #peek(id: string): Promise<void> {
    const file = this.files.find(id);
    if (!file || file.entry.thumb || file.entry.lost) return;
    const { path } = file;
    const look = () => this.engine().run('peek', { file: path, folder: this.pictures.folder });
    try {
      const { width, height, thumb } = await look();
      const url = thumb && (await this.pictures.add(thumb.name, thumb.bytes, look));
      const state = file.entry.state === 'new' ? { state: 'ready' as const } : {};
      this.files.change(id, { width, height, ...state, ...(url && { thumb: url }) });
      if (url || file.entry.kind !== 'lavi') return;
      this.#coded.push(id);
      if (!this.#decoding) void this.#decode();
    } catch (error) {
      // What is being saved says itself what is wrong.
      if (this.files.find(id)?.entry.state === 'new') {
        this.files.change(id, { state: 'failed', error: toFailure(error) });
      }
    }
  }

  async #decode(): Promise<void> {
    this.#decoding = true;
    for (let id = this.#coded.shift(); id !== undefined; id = this.#coded.shift()) {
      const path = this.files.find(id)?.path;
      if (path === undefined) continue;
      const args = { file: path, folder: this.pictures.folder };
      const make = () => this.decoder().run('laviThumb', args);
      try {
        const { name, bytes } = await make();
        const thumb = await this.pictures.add(name, bytes, make);
        if (this.files.find(id)) this.files.change(id, { thumb });
      } catch {
        // Whoever opens the file hears what is wrong with it; the list shows a sign in place of a picture.
      }
    }
    this.#decoding = false;
  }
}
