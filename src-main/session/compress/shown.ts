import { setTimeout as delay } from 'node:timers/promises';
import type { AppContract, CurvePoint, FileEntry, Settings } from '../../api/calls/contract';
import { sheetPixels } from '../../api/calls/contract';
import type { ArgsOf, ValueOf } from '../../api/channel/channel';
import { LaviError } from '../../api/errors';
import type { Tune } from '../../api/choices';
import { HOLD_MS } from '../../api/jobs/hold';
import { Background } from './background';
import type { EngineRunner, Engines } from '../engines';
import type { Files, ListedFile } from '../files/files';
import { shownOf } from '../files/files';
import type { Pictures } from '../picture-cache';

type Args<Name extends `photo.${string}` & keyof AppContract['calls']> = ArgsOf<AppContract, Name>;
type Value<Name extends `photo.${string}` & keyof AppContract['calls']> = ValueOf<
  AppContract,
  Name
>;

export interface ShownEvents {
  progress(data: { id: string; what: 'measure'; fraction: number }): void;
  glimpse(data: { id: string; points: CurvePoint[] }): void;
  curve(data: { id: string } & Value<'photo.estimate'>): void;
  baselines(data: { id: string } & Value<'photo.baselines'>): void;
}

/** Charts of photos seen before are kept for so many. */
const MOST_CHARTS = 200;

/** The photo that is shown, and the work done for it; all of it ends when another one is opened. */
export class Shown {
  #id?: string | undefined;
  #tune: Tune = 'psnr';
  #leaving = new AbortController();
  #measuring?: { quality: number; controller: AbortController } | undefined;
  readonly #tiles = new Set<{ layer: string; quality: number; controller: AbortController }>();
  readonly #charts = new Map<string, Background>();
  /** When tiles of what a net decodes were wanted last. */
  #previewed = -Infinity;
  #release: () => void = () => {};

  constructor(
    readonly engines: Engines,
    readonly files: Files,
    readonly pictures: Pictures,
    readonly settings: () => Pick<Settings, 'metadata' | 'tune'>,
    readonly events: ShownEvents,
  ) {}

  async open({ id }: Args<'photo.open'>): Promise<Value<'photo.open'>> {
    const { path, kind } = shownOf(this.files.get(id));
    const { tune } = this.settings();
    if (this.#id !== id || this.#tune !== tune) {
      this.leave();
      this.#id = id;
      this.#tune = tune;
      const holds = [this.engines.main.hold(), this.engines.pixels.hold()];
      this.#release = () => holds.forEach((release) => release());
    }
    const { signal } = this.#leaving;
    const size = await this.#pixelsOf(kind).run('open', { file: path }, { signal });
    const { entry } = this.files.get(id);
    const { width, height } = size;
    this.files.change(id, { width, height, ...(entry.state === 'new' && { state: 'ready' }) });
    if (kind === 'lavi') return size;
    if (width * height > sheetPixels) void this.#glimpse(id, path, tune, signal);
    return size;
  }

  /** Three points, so that there are numbers for the whole slider. */
  async #glimpse(id: string, path: string, tune: Tune, signal: AbortSignal): Promise<void> {
    const points: CurvePoint[] = [];
    for (const quality of [50, 0, 100]) {
      // Without them the first numbers come with the analysis.
      const point = await this.engines.main
        .run('glimpse', { file: path, quality, tune }, { signal })
        .catch(() => undefined);
      if (signal.aborted) return;
      if (point) points.push(point);
      if (points.length > 1) this.events.glimpse({ id, points: [...points] });
    }
  }

  /** Ends the work for a photo, or for whichever is shown. */
  leave(id = this.#id): void {
    if (id === undefined || id !== this.#id) return;
    this.#leaving.abort();
    this.#leaving = new AbortController();
    for (const whole of [true, false]) this.#charts.get(chartKey(id, this.#tune, whole))?.stop();
    this.#tiles.clear();
    this.#id = undefined;
    this.#release();
  }

  async measure({ id, quality }: Args<'photo.measure'>): Promise<Value<'photo.measure'>> {
    const { path } = shownOf(this.files.get(id));
    this.#measuring?.controller.abort();
    const controller = new AbortController();
    this.#measuring = { quality, controller };
    const onProgress = (fraction: number) =>
      this.events.progress({ id, what: 'measure', fraction });
    const { metadata } = this.settings();
    const args = { file: path, quality, metadata, tune: this.#tune };
    return this.engines.main.run('measure', args, { signal: this.#with(controller), onProgress });
  }

  estimate({ id, whole }: Args<'photo.estimate'>): Value<'photo.estimate'> {
    const charts = this.#chartsOf(this.#shown(id), whole);
    return charts.start(charts.curve, (found) => this.events.curve({ id, ...found }));
  }

  baselines({ id, whole }: Args<'photo.baselines'>): Value<'photo.baselines'> {
    const charts = this.#chartsOf(this.#shown(id), whole);
    return charts.start(charts.baselines, (found) => this.events.baselines({ id, ...found }));
  }

  async match({ id, ...args }: Args<'photo.match'>): Promise<Value<'photo.match'>> {
    const { path } = shownOf(this.files.get(id));
    const { signal } = this.#leaving;
    return this.engines.pixels.run('match', { file: path, ...args }, { signal });
  }

  async tiles(args: Args<'photo.tiles'>): Promise<Value<'photo.tiles'>> {
    const { id, layer, ...rectangle } = args;
    const { path, kind } = shownOf(this.files.get(id));
    const needsNets = 'quality' in layer;
    const engine = needsNets ? this.engines.main : this.#pixelsOf(kind);
    if (needsNets) this.#previewed = performance.now();
    const controller = new AbortController();
    const quality = 'quality' in layer ? layer.quality : -1;
    const wanted = { layer: layer.what, quality, controller };
    for (const other of this.#tiles) {
      // The slider has moved on: nobody waits for tiles of where it was.
      if (other.layer === layer.what && other.quality !== quality) other.controller.abort();
    }
    if (layer.what === 'decoded' && this.#measuring && this.#measuring.quality !== quality) {
      this.#measuring.controller.abort();
    }
    this.#tiles.add(wanted);
    try {
      const { folder } = this.pictures;
      const request = { file: path, folder, layer, tune: this.#tune, ...rectangle };
      const make = (part: typeof rectangle, signal?: AbortSignal) =>
        engine.run('tiles', { ...request, ...part }, signal ? { signal } : {});
      const tiles = await make(rectangle, this.#with(controller));
      return await Promise.all(
        tiles.map(async ({ name, bytes, ...place }) => {
          const again = () => make({ level: rectangle.level, ...place });
          return { ...place, url: await this.pictures.add(name, bytes, again) };
        }),
      );
    } finally {
      this.#tiles.delete(wanted);
      if (needsNets) this.#previewed = performance.now();
    }
  }

  async worst({ id, ...args }: Args<'photo.worst'>): Promise<Value<'photo.worst'>> {
    const { path } = shownOf(this.files.get(id));
    const { signal } = this.#leaving;
    return this.engines.main.run('worst', { file: path, tune: this.#tune, ...args }, { signal });
  }

  async probe({ id, ...args }: Args<'photo.probe'>): Promise<Value<'photo.probe'>> {
    const file = this.files.get(id);
    const { path } = shownOf(file);
    const { entry } = file;
    if (args.x >= (entry.width ?? Infinity) || args.y >= (entry.height ?? Infinity)) {
      throw new LaviError(
        'BAD_REQUEST',
        `Expected a pixel of the photo and found ${args.x}, ${args.y}.`,
      );
    }
    const { signal } = this.#leaving;
    return this.engines.main.run('probe', { file: path, tune: this.#tune, ...args }, { signal });
  }

  /** Charts are measured between moves of the slider, never beside one. */
  async #rest(signal: AbortSignal): Promise<void> {
    for (;;) {
      const left = this.#previewed + HOLD_MS - performance.now();
      if (left <= 0) return;
      await delay(left, undefined, { signal });
    }
  }

  /** What reads a file's own pixels: those of a .lavi file come out of nets. */
  #pixelsOf(kind: FileEntry['kind']): EngineRunner {
    return kind === 'lavi' ? this.engines.main : this.engines.pixels;
  }

  /** Ends with leaving the photo as much as by its own. */
  #with(controller: AbortController): AbortSignal {
    return AbortSignal.any([controller.signal, this.#leaving.signal]);
  }

  /** @throws LaviError BAD_REQUEST: charts are drawn of the photo that is shown alone. */
  #shown(id: string): ListedFile {
    const file = this.files.get(id);
    if (id === this.#id) return file;
    throw new LaviError('BAD_REQUEST', `The photo "${id}" is not open.`);
  }

  #chartsOf(file: ListedFile, whole: boolean): Background {
    const { id } = file.entry;
    // Patches are of no use to somebody who waits for the whole.
    if (whole) this.#charts.get(chartKey(id, this.#tune, false))?.stop();
    const key = chartKey(id, this.#tune, whole);
    const rest = (signal: AbortSignal) => this.#rest(signal);
    const of = { path: shownOf(file).path, tune: this.#tune, whole };
    const charts = this.#charts.get(key) ?? new Background(of, this.engines, rest);
    this.#charts.delete(key);
    this.#charts.set(key, charts);
    const oldest = this.#charts.keys().next().value;
    if (this.#charts.size > MOST_CHARTS && oldest !== undefined) this.#charts.delete(oldest);
    return charts;
  }
}

const chartKey = (id: string, tune: Tune, whole: boolean) => `${id} ${tune} ${whole}`;
