import type { FileEntry, QueueState, Settings } from '../../api/calls/contract';
import { toFailure } from '../../api/channel/answer';
import type { Engines } from '../engines';
import type { Files } from '../files/files';
import type { FileResult, Order } from './saver';
import { saveFile } from './saver';
import type { Speed } from './speed';
import { Totals } from './totals';

/** A file in the batch. */
interface Item extends Order {
  /** What the file goes back to if the batch is cancelled. */
  before: Pick<FileEntry, 'state' | 'error' | 'result'>;
  weight: number;
}

/** As what files are saved. */
type How = Pick<Order, 'format' | 'formatQuality' | 'colours'>;

/** Bytes that a file saved so may take at most, where a search for a total has set them. */
export type Held = (id: string, how: { quality: number; anyway: boolean }) => number | undefined;

const TELL_EVERY_MS = 100;

/** Saves files one after the other; one that fails never stops the next. */
export class Batch {
  readonly #waiting: Item[] = [];
  readonly #failed = new Map<string, How>();
  #current?: { item: Item; controller: AbortController; fraction: number } | undefined;
  #state: QueueState['state'] = 'idle';
  #totals = new Totals();
  #toldAt = 0;
  #closing = false;

  constructor(
    readonly engines: Engines,
    readonly speed: Speed,
    readonly files: Files,
    readonly settings: () => Settings,
    readonly listener: (state: QueueState) => void,
  ) {}

  get state(): QueueState {
    const current = this.#current ? this.#current.fraction * this.#current.item.weight : 0;
    const secondsPerMegapixel = this.speed.perMegapixel;
    return { ...this.#totals.state(this.#state, current), secondsPerMegapixel };
  }

  add(ids: string[], howOf: (id: string) => How, held: Held = () => undefined): QueueState {
    const fresh = this.#state === 'idle';
    const items = ids.flatMap((id) => this.#itemOf(id, howOf(id), held));
    if (items.length === 0) return this.state;
    if (fresh) this.#totals = new Totals();
    for (const item of items) {
      this.#totals.add(item.id, item.weight);
      this.files.change(item.id, { state: 'waiting', error: undefined, result: undefined });
    }
    this.#waiting.push(...items);
    if (fresh) this.#go();
    return this.#told();
  }

  /** How a file was to be saved when that failed last. */
  howFailed(id: string): How | undefined {
    return this.#failed.get(id);
  }

  /** What is still to be saved, the file under way first. */
  get open(): Order[] {
    const items = this.#current ? [this.#current.item, ...this.#waiting] : this.#waiting;
    return items.map(({ before: _, weight: __, ...order }) => order);
  }

  /** Goes on where an earlier run ended. */
  revive(orders: Order[], paused: boolean): void {
    for (const order of orders) {
      const file = this.files.find(order.id);
      if (!file || file.entry.lost) continue;
      const weight = file.entry.bytes + 1;
      this.#waiting.push({ ...order, weight, before: { state: 'new' } });
      this.#totals.add(order.id, weight);
      this.files.change(order.id, { state: 'waiting', fraction: undefined });
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
    for (const item of this.#waiting.splice(0)) {
      this.#totals.forget(item.weight);
      this.#putBack(item);
    }
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
      this.#totals.forget(item.weight);
      this.#putBack(item);
    }
    this.#told();
  }

  #itemOf(id: string, how: How, held: Held): Item[] {
    const file = this.files.get(id);
    const { state, error, result, bytes, lost, kind } = file.entry;
    if (state === 'waiting' || state === 'coding' || lost) return [];
    const settings = this.settings();
    const quality = file.entry.quality ?? settings.quality;
    const anyway = file.entry.anyway ?? settings.codeAnyway;
    const format = how.format ?? (kind === 'lavi' && !how.colours ? 'png' : undefined);
    const atMost = format || how.colours ? undefined : held(id, { quality, anyway });
    const before = { state, ...(error && { error }), ...(result && { result }) };
    return [
      {
        ...{ id, settings, quality, anyway, before, weight: bytes + 1 },
        ...(format && { ...how, format }),
        ...(how.colours && { colours: how.colours }),
        ...(atMost !== undefined && { atMost }),
      },
    ];
  }

  #go(): void {
    this.#state = 'running';
    if (!this.#current) void this.#loop();
  }

  async #loop(): Promise<void> {
    const { watch } = this.#totals;
    watch.start();
    while (this.#state === 'running' && !this.#closing) {
      const item = this.#waiting.shift();
      if (!item) break;
      const controller = new AbortController();
      this.#current = { item, controller, fraction: 0 };
      await this.#save(item, controller.signal);
      this.#current = undefined;
    }
    watch.stop();
    if (this.#waiting.length === 0) this.#state = 'idle';
    this.#told();
  }

  async #save(item: Item, signal: AbortSignal): Promise<void> {
    const file = this.files.find(item.id);
    if (!file) return this.#totals.forget(item.weight);
    this.files.change(item.id, { state: 'coding', fraction: 0 });
    this.#told();
    const onProgress = (fraction: number) => {
      if (this.#current?.item !== item) return;
      this.#current.fraction = fraction;
      this.files.change(item.id, { fraction });
      this.#tell();
    };
    try {
      const began = performance.now();
      const result = await saveFile(this.engines, file, item, { signal, onProgress });
      this.#timed(result, (performance.now() - began) / 1000);
      this.#totals.succeed(item.weight, result);
      this.files.change(item.id, { state: 'saved', fraction: undefined, result });
    } catch (error) {
      if (signal.aborted) {
        this.#totals.forget(item.weight);
        this.#putBack(item);
        return;
      }
      const { format, formatQuality, colours } = item;
      this.#failed.set(item.id, {
        ...(format && { format }),
        ...(formatQuality !== undefined && { formatQuality }),
        ...(colours && { colours }),
      });
      this.#totals.fail(item.id, item.weight);
      this.files.change(item.id, { state: 'failed', fraction: undefined, error: toFailure(error) });
    }
  }

  #timed({ kept, bpp, bytes }: FileResult, seconds: number): void {
    if (!kept && bpp) this.speed.saved(seconds, (8 * bytes) / bpp);
  }

  #putBack({ id, before }: Item): void {
    this.files.change(id, { fraction: undefined, error: undefined, result: undefined, ...before });
  }

  /** Tells where things stand, and answers it. */
  tellNow(): QueueState {
    return this.#told();
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
