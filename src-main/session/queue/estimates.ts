import type { Settings } from '../../api/calls/contract';
import type { WatchedEngines } from '../watched-engines';
import type { Files, ListedFile } from '../files/files';
import type { Speed } from './speed';

/** Between two jobs of somebody's the engine is idle for a moment: not worth beginning anything. */
const REST_MS = 500;

/**
 * Estimates how large the photos on the list would be, one after the other, for the batch's total.
 * Only while nobody waits for the engine: whoever comes ends the estimate under way, which is begun
 * again later. What has been estimated stays with the file.
 */
export class Estimates {
  readonly #failed = new Set<string>();
  #controller?: AbortController | undefined;
  #timer?: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(
    readonly engines: WatchedEngines,
    readonly files: Files,
    readonly speed: Speed,
    readonly settings: () => Pick<Settings, 'metadata' | 'tune'>,
    /** Hears of the first time taken. */
    readonly onTimed: () => void,
    readonly restMs = REST_MS,
  ) {
    engines.onBusy = () => this.#controller?.abort();
    engines.onIdle = () => this.wake();
  }

  /** Files have come, or the engine is idle: goes on soon, if there is anything to do. */
  wake(): void {
    if (this.#closed || this.#controller) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#next(), this.restMs);
    this.#timer.unref();
  }

  /** Another tune makes other sizes: all are estimated anew. */
  forget(): void {
    this.#controller?.abort();
    for (const { entry } of this.files.listed()) {
      if (entry.sizes) this.files.change(entry.id, { sizes: undefined });
    }
    this.wake();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#controller?.abort();
  }

  async #next(): Promise<void> {
    if (this.engines.busy || this.#controller || this.#closed) return;
    const file = this.files.listed().find((one) => this.#isOpen(one));
    if (!file) return;
    this.#controller = new AbortController();
    const { signal } = this.#controller;
    try {
      await this.#estimate(file, signal);
    } catch {
      // A photo that cannot be read says so when it is opened or saved.
      if (!signal.aborted) this.#failed.add(file.entry.id);
    }
    this.#controller = undefined;
    if (!this.engines.busy) void this.#next();
  }

  #isOpen({ entry: { id, kind, state, lost, sizes } }: ListedFile): boolean {
    const open = kind === 'photo' && !sizes && !lost && state !== 'failed';
    return open && !this.#failed.has(id);
  }

  async #estimate({ path, entry: { id } }: ListedFile, signal: AbortSignal): Promise<void> {
    const timed = this.speed.perMegapixel === null;
    const { metadata, tune } = this.settings();
    const args = { file: path, metadata, tune, timed };
    // Past the engines that are attended: this one is not somebody who waits.
    const found = await this.engines.engines.main.run('estimate', args, { signal });
    const { width, height, points: sizes, secondsPerMegapixel } = found;
    this.files.change(id, { width, height, sizes });
    if (secondsPerMegapixel === undefined) return;
    this.speed.timed(secondsPerMegapixel);
    this.onTimed();
  }
}
