import type { exportFormats, FileEntry, QueueState, Settings } from '../../api/app';
import { toFailure } from '../../api/answer';
import { LaviError } from '../../api/errors';
import type { EngineRunner } from './runners';
import type { Files, ListedFile } from './files';
import { planOutput } from './outputs';

export type ExportFormat = (typeof exportFormats)[number];

const extensions: Record<ExportFormat, string> = {
  png: '.png',
  jpeg: '.jpg',
  webp: '.webp',
  avif: '.avif',
  tiff: '.tif',
};

/** A file in the batch, with the settings that held when it was put there. */
interface Item {
  id: string;
  settings: Settings;
  quality: number;
  format: ExportFormat;
  /** What the file goes back to if the batch is cancelled. */
  before: Pick<FileEntry, 'state' | 'error' | 'result'>;
  weight: number;
}

/** Names that changed hands while a file was being coded are tried anew so often. */
const NAME_TRIES = 5;
const TELL_EVERY_MS = 100;

/** Saves files one after the other; one that fails never stops the next. */
export class Batch {
  readonly #waiting: Item[] = [];
  #current?: { item: Item; controller: AbortController; fraction: number } | undefined;
  #state: QueueState['state'] = 'idle';
  #counts = emptyCounts();
  #toldAt = 0;
  #closing = false;

  constructor(
    readonly engine: () => EngineRunner,
    readonly files: Files,
    readonly settings: () => Settings,
    readonly listener: (state: QueueState) => void,
  ) {}

  get state(): QueueState {
    const { total, saved, failed, weight, doneWeight, originalBytes, bytes } = this.#counts;
    const current = this.#current ? this.#current.fraction * this.#current.item.weight : 0;
    const fraction = weight > 0 ? Math.min(1, (doneWeight + current) / weight) : 0;
    return {
      ...{ state: this.#state, total, saved, failed: [...failed], originalBytes, bytes },
      fraction,
      secondsLeft: this.#secondsLeft(fraction),
    };
  }

  add(ids: string[], format: ExportFormat): QueueState {
    const fresh = this.#state === 'idle';
    const items = ids.flatMap((id) => this.#itemOf(id, format));
    if (items.length === 0) return this.state;
    if (fresh) this.#counts = emptyCounts();
    for (const item of items) {
      this.#counts.total++;
      this.#counts.weight += item.weight;
      if (this.#counts.failed.delete(item.id)) this.#counts.total--;
      this.files.change(item.id, { state: 'waiting', error: undefined, result: undefined });
    }
    this.#waiting.push(...items);
    if (fresh) this.#go();
    this.#tell(true);
    return this.state;
  }

  /** What is still to be saved, the file under way first. */
  get open(): Omit<Item, 'before' | 'weight'>[] {
    const items = this.#current ? [this.#current.item, ...this.#waiting] : this.#waiting;
    return items.map(({ id, settings, quality, format }) => ({ id, settings, quality, format }));
  }

  /** Goes on where an earlier run ended. */
  revive(items: Omit<Item, 'before' | 'weight'>[], paused: boolean): void {
    for (const item of items) {
      const file = this.files.find(item.id);
      if (!file) continue;
      const weight = file.entry.bytes + 1;
      this.#waiting.push({ ...item, weight, before: { state: 'new' } });
      this.#counts.total++;
      this.#counts.weight += weight;
      this.files.change(item.id, { state: 'waiting', fraction: undefined });
    }
    if (this.#waiting.length === 0) return;
    if (paused) this.#state = 'paused';
    else this.#go();
  }

  pause(): QueueState {
    if (this.#state === 'running') this.#state = 'paused';
    return this.#told();
  }

  resume(): QueueState {
    if (this.#state === 'paused') this.#go();
    return this.#told();
  }

  cancel(): QueueState {
    this.#current?.controller.abort();
    for (const item of this.#waiting.splice(0)) this.#putBack(item);
    if (!this.#current) this.#state = 'idle';
    return this.#told();
  }

  /** Begins no other file: the app is closing. What is open stays so, for the next run. */
  stop(): void {
    if (this.#state === 'running') this.#closing = true;
  }

  /** Takes files out that have not begun: they left the list. */
  drop(ids: readonly string[]): void {
    const gone = new Set(ids);
    if (this.#current && gone.has(this.#current.item.id)) this.#current.controller.abort();
    const kept = this.#waiting.filter(({ id }) => !gone.has(id));
    for (const item of this.#waiting.splice(0, Infinity, ...kept)) {
      if (!gone.has(item.id)) continue;
      this.#forget(item);
      this.#putBack(item);
    }
    this.#tell(true);
  }

  #itemOf(id: string, format: ExportFormat): Item[] {
    const file = this.files.get(id);
    const { state, error, result, bytes, quality } = file.entry;
    if (state === 'waiting' || state === 'coding') return [];
    const settings = this.settings();
    const before = { state, ...(error && { error }), ...(result && { result }) };
    return [
      {
        ...{ id, settings, format, before },
        quality: quality ?? settings.quality,
        weight: bytes + 1,
      },
    ];
  }

  #go(): void {
    const wasBusy = this.#current !== undefined;
    this.#state = 'running';
    this.#counts.startedAt ??= Date.now();
    if (!wasBusy) void this.#loop();
  }

  async #loop(): Promise<void> {
    while (this.#state === 'running' && !this.#closing) {
      const item = this.#waiting.shift();
      if (!item) break;
      const controller = new AbortController();
      this.#current = { item, controller, fraction: 0 };
      await this.#save(item, controller.signal);
      this.#current = undefined;
    }
    if (this.#waiting.length === 0) this.#state = 'idle';
    this.#tell(true);
  }

  async #save(item: Item, signal: AbortSignal): Promise<void> {
    const file = this.files.find(item.id);
    if (!file) return this.#forget(item);
    this.files.change(item.id, { state: 'coding', fraction: 0 });
    this.#tell(true);
    const onProgress = (fraction: number) => {
      if (this.#current?.item !== item) return;
      this.#current.fraction = fraction;
      this.files.change(item.id, { fraction });
      this.#tell();
    };
    try {
      const result = await this.#attempts(file, item, { signal, onProgress });
      this.#counts.saved++;
      this.#counts.originalBytes += result.originalBytes;
      this.#counts.bytes += result.bytes;
      this.#counts.doneWeight += item.weight;
      this.files.change(item.id, { state: 'saved', fraction: undefined, result });
    } catch (error) {
      if (signal.aborted) {
        this.#forget(item);
        this.#putBack(item);
        return;
      }
      this.#counts.failed.add(item.id);
      this.#counts.doneWeight += item.weight;
      this.files.change(item.id, { state: 'failed', fraction: undefined, error: toFailure(error) });
    }
  }

  /** Saves under a free name, and under the next one if another program took it meanwhile. */
  async #attempts(file: ListedFile, item: Item, watch: Watch): Promise<FileResult> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await (file.entry.kind === 'lavi'
          ? this.#export(file, item, watch)
          : this.#compress(file, item, watch));
      } catch (error) {
        const nameTaken = error instanceof LaviError && error.code === 'FILE_EXISTS';
        if (!nameTaken || attempt === NAME_TRIES) throw error;
      }
    }
  }

  async #compress(file: ListedFile, item: Item, watch: Watch): Promise<FileResult> {
    const { path, modified } = file;
    const { settings, quality } = item;
    return this.engine().run(
      'save',
      {
        file: path,
        ...planOutput(file, settings, '.lavi'),
        quality,
        metadata: settings.metadata,
        ...(modified !== undefined && { modified }),
      },
      watch,
    );
  }

  async #export(file: ListedFile, item: Item, watch: Watch): Promise<FileResult> {
    const { format, settings } = item;
    const { output } = planOutput(file, settings, extensions[format]);
    const { seconds, bytes } = await this.engine().run(
      'decompress',
      { file: file.path, output, format },
      watch,
    );
    return { output, seconds, bytes, originalBytes: file.entry.bytes, kept: false };
  }

  #putBack({ id, before }: Item): void {
    this.files.change(id, { fraction: undefined, error: undefined, result: undefined, ...before });
  }

  /** The batch is smaller by a file. */
  #forget(item: Item): void {
    this.#counts.total--;
    this.#counts.weight -= item.weight;
  }

  #secondsLeft(fraction: number): number | null {
    const { startedAt } = this.#counts;
    if (this.#state !== 'running' || startedAt === undefined || fraction <= 0.01) return null;
    return ((Date.now() - startedAt) / 1000) * (1 / fraction - 1);
  }

  #told(): QueueState {
    this.#tell(true);
    return this.state;
  }

  #tell(now = false): void {
    if (!now && Date.now() - this.#toldAt < TELL_EVERY_MS) return;
    this.#toldAt = Date.now();
    this.listener(this.state);
  }
}

interface Watch {
  signal: AbortSignal;
  onProgress: (fraction: number) => void;
}

type FileResult = NonNullable<FileEntry['result']>;

function emptyCounts() {
  return {
    ...{ total: 0, saved: 0, weight: 0, doneWeight: 0, originalBytes: 0, bytes: 0 },
    failed: new Set<string>(),
    startedAt: undefined as number | undefined,
  };
}
