import type { Tune } from '../../api/choices';
import type { CodedPhoto } from '../../rda/whole-file';

/** Streams of so many bytes are kept: some hundred photos. */
const MOST_BYTES = 64 * 2 ** 20;

/** Whose symbols: a file as `photoKey` names it, coded with a tune at a wire quality and default effort. */
export interface CodedKey {
  photo: string;
  tune: Tune;
  quality: number;
}

/**
 * What photos were coded to, so that nothing is coded twice between fitting, viewing, saving and viewing again. The least
 * recently used go first.
 *
 * @example
 * coded.put({ photo, tune, quality }, found);
 * coded.get({ photo, tune, quality })?.tiles;
 */
export class CodedPhotos {
  readonly #photos = new Map<string, { coded: CodedPhoto; bytes: number }>();
  #bytes = 0;

  constructor(readonly most = MOST_BYTES) {}

  get(key: CodedKey): CodedPhoto | undefined {
    const name = nameOf(key);
    const found = this.#photos.get(name);
    if (!found) return undefined;
    this.#photos.delete(name);
    this.#photos.set(name, found);
    return found.coded;
  }

  /** Keeps what was coded, with what was measured of it before. */
  put(key: CodedKey, coded: CodedPhoto): void {
    const name = nameOf(key);
    const before = this.#photos.get(name);
    this.#drop(name);
    const bytes = coded.tiles.reduce((sum, { stream }) => sum + stream.length, 0);
    this.#photos.set(name, { coded: { ...before?.coded, ...coded }, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#photos.keys()) {
      if (this.#bytes <= this.most) break;
      this.#drop(oldest);
    }
  }

  #drop(name: string): void {
    this.#bytes -= this.#photos.get(name)?.bytes ?? 0;
    this.#photos.delete(name);
  }
}

const nameOf = ({ photo, tune, quality }: CodedKey) => `${tune} ${quality} ${photo}`;
