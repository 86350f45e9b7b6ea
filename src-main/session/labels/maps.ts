import { randomUUID } from 'node:crypto';
import { copyFile, readdir, rm } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import type { AppContract, LabelEdit, LabelMapState } from '../../api/calls/contract';
import type { ArgsOf, ValueOf } from '../../api/channel/channel';
import { LaviError } from '../../api/errors';
import type { Settings } from '../../api/calls/contract';
import { toFailure } from '../../api/channel/answer';
import { MapLog } from './log';
import type { Incoming, Sorted } from './incoming';
import { sortIncoming } from './incoming';
import { planOutput } from '../files/outputs';
import type { Pictures } from '../picture-cache';
import type { Engines } from '../engines';
import type { Found } from '../files/scan';
import { filesAt } from '../files/scan';

type Args<Name extends `labels.${string}` & keyof AppContract['calls']> = ArgsOf<AppContract, Name>;
type Value<Name extends `labels.${string}` & keyof AppContract['calls']> = ValueOf<
  AppContract,
  Name
>;

const extensions = { lavi: '.lavi', map: '.png', points: '.png', seeds: '.lavi' };
/** Put after the name where several things are saved of one map. */
const additions = { lavi: '', map: '', points: ' points', seeds: ' seeds' };

/** Colours that a photo is parted into until somebody says otherwise. */
const firstColours = 8;

/** The label maps of the window. The session knows their logs; their pixels are the engine's. */
export class Maps {
  #folder = '';
  readonly #maps = new Map<string, MapLog>();
  readonly #closed = new Map<string, MapLog>();
  readonly #uploads = new Map<string, Found>();
  #reducing?: AbortController | undefined;
  #facts: Promise<unknown> = Promise.resolve();
  #newestFacts = 0;

  constructor(
    readonly engines: Engines,
    readonly pictures: Pictures,
    readonly settings: () => Settings,
    readonly onProgress: (id: string, fraction: number) => void,
  ) {}

  /** Keeps maps in `folder`, and takes up those that an earlier run left there. */
  async open(folder: string): Promise<void> {
    this.#folder = folder;
    for (const name of await readdir(folder).catch(() => [])) {
      const log = await MapLog.revive(join(folder, name)).catch(() => undefined);
      if (log) this.#maps.set(name, log);
    }
  }

  /** Maps that were closed go for good. */
  async close(): Promise<void> {
    this.#reducing?.abort();
    for (const { folder } of this.#closed.values()) await rm(folder, { recursive: true });
  }

  receive(found: Found): string {
    const id = randomUUID();
    this.#uploads.set(id, found);
    return id;
  }

  async list(): Promise<Value<'labels.list'>> {
    const states = await Promise.all(
      // A map whose files are damaged is no reason to lose sight of the others.
      [...this.#maps.keys()].map((id) => this.state(id).catch(() => undefined)),
    );
    return states.filter((state) => state !== undefined);
  }

  async add({ paths, uploads, under, photoOnly }: Args<'labels.open'>) {
    const incoming: Incoming[] = [];
    const failures: Value<'labels.open'>['failures'] = [];
    const fail = (name: string, error: unknown) => failures.push({ ...toFailure(error), name });
    for (const path of paths) {
      try {
        for (const found of await filesAt(path)) incoming.push({ ...found, upload: false });
      } catch (error) {
        fail(basename(path), error);
      }
    }
    for (const id of uploads) {
      const found = this.#uploads.get(id);
      if (found) incoming.push({ ...found, upload: true });
    }
    const peek = (file: string) => this.engines.pixels.run('mapPeek', { file });
    const sorted = await sortIncoming(incoming, peek, fail, photoOnly);
    const opened: LabelMapState[] = [];
    for (const item of sorted) {
      try {
        const target = under === undefined ? undefined : this.#maps.get(under);
        const id =
          target && item.kind === 'photo' && this.#goesUnder(target, item, photoOnly)
            ? await this.#putUnder(under!, item)
            : await this.#create(item);
        try {
          opened.push(await this.state(id));
        } catch (error) {
          await this.#discard(id);
          throw error;
        }
      } catch (error) {
        fail(item.file.place, error);
      }
    }
    return { opened, failures };
  }

  /** Opens a map that the app itself has made of a photo, with that under it. @returns its id */
  take(map: Pick<Sorted, 'file' | 'width' | 'height' | 'photo'>): Promise<string> {
    return this.#create({ ...map, kind: 'map' });
  }

  #goesUnder(target: MapLog, { width, height }: Sorted, wanted: boolean): boolean {
    const fits = target.header.width === width && target.header.height === height;
    if (fits) return wanted || target.state.photo === null;
    if (!wanted) return false;
    throw new LaviError(
      'SIZE_MISMATCH',
      `The map is ${target.header.width} × ${target.header.height} and the photo ${width} × ${height}.`,
    );
  }

  async #putUnder(id: string, { file }: Sorted): Promise<string> {
    const log = this.#get(id);
    const photo = `photo-${log.line}${extname(file.path)}`;
    await copyFile(file.path, join(log.folder, photo));
    await log.append({ photo });
    return id;
  }

  async #create({ file, kind, width, height, photo }: Sorted): Promise<string> {
    const id = randomUUID();
    const source = `source${extname(file.path).toLowerCase()}`;
    const below = kind === 'photo' ? file : photo;
    const photoName = below && `photo${extname(below.path).toLowerCase()}`;
    const files = [{ from: file.path, name: source }];
    if (below) files.push({ from: below.path, name: photoName! });
    const { path, place, upload } = file;
    const log = await MapLog.create(
      join(this.#folder, id),
      {
        version: 1,
        ...{ name: basename(place), source, kind, width, height },
        ...(photoName && { photo: photoName }),
        origin: { path, place, upload },
      },
      files,
    );
    if (kind === 'photo') {
      await log.append({ edit: { what: 'segment', count: firstColours, method: 'hard-em' } });
    }
    this.#maps.set(id, log);
    return id;
  }

  async #discard(id: string): Promise<void> {
    const log = this.#maps.get(id);
    this.#maps.delete(id);
    if (log) await rm(log.folder, { recursive: true, force: true });
  }

  remove(id: string): void {
    this.#closed.set(id, this.#get(id));
    this.#maps.delete(id);
  }

  restore(id: string): Promise<LabelMapState> {
    const log = this.#closed.get(id);
    if (!log) throw new LaviError('BAD_REQUEST', `There is no closed map "${id}".`);
    this.#closed.delete(id);
    this.#maps.set(id, log);
    return this.state(id);
  }

  async state(id: string): Promise<LabelMapState> {
    const log = this.#get(id);
    const { line, folder, header } = log;
    const { done, undone, photo, changed } = log.state;
    const pixels = await this.engines.pixels.run('mapState', { folder, line });
    const segment = done.findLast((edit) => edit.what === 'segment');
    const { count, method } = segment ?? { count: firstColours, method: 'hard-em' as const };
    return {
      ...{ id, name: header.name, line, changed, ...pixels },
      // A photo's first segmentation is where it begins.
      undo: done.length - (header.kind === 'photo' ? 1 : 0),
      redo: undone.length,
      photo,
      segmented: header.kind === 'photo' || segment ? { count, method } : null,
    };
  }

  async edit(id: string, edit: LabelEdit): Promise<LabelMapState> {
    const log = this.#get(id);
    const { width, height } = log.header;
    const { done, photo } = log.state;
    if (edit.what === 'fill' && (edit.x >= width || edit.y >= height)) {
      throw new LaviError('BAD_REQUEST', `There is no pixel ${edit.x}, ${edit.y} to fill from.`);
    }
    if (edit.what === 'segment') {
      if (photo === null) throw new LaviError('BAD_REQUEST', 'The map has no photo to segment.');
      // Trying other numbers of colours is one step to undo, not many.
      if (done.at(-1)?.what === 'segment') await log.append({ undo: true });
    }
    await log.append({ edit });
    return this.state(id);
  }

  async step(id: string, by: 'undo' | 'redo'): Promise<LabelMapState> {
    const log = this.#get(id);
    const { done, undone } = log.state;
    const first = log.header.kind === 'photo' ? 1 : 0;
    const possible = by === 'undo' ? done.length > first : undone.length > 0;
    if (possible) await log.append(by === 'undo' ? { undo: true } : { redo: true });
    return this.state(id);
  }

  async tiles({ id, ...request }: Args<'labels.tiles'>): Promise<Value<'labels.tiles'>> {
    const { folder } = this.#get(id);
    const args = { folder, tiles: this.pictures.folder, ...request };
    const made = await this.engines.pixels.run('mapTiles', args);
    return Promise.all(
      made.map(async ({ name, bytes, ...place }) => {
        const again = () => this.engines.pixels.run('mapTiles', { ...args, ...place });
        return { ...place, url: await this.pictures.add(name, bytes, again) };
      }),
    );
  }

  pick({ id, x, y }: Args<'labels.pick'>): Promise<Value<'labels.pick'>> {
    const { folder, line } = this.#get(id);
    return this.engines.pixels.run('mapPick', { folder, line, x, y });
  }

  /** One count at a time: of those that wait for it only the newest is made. */
  async facts({ id, effort }: Args<'labels.facts'>): Promise<Value<'labels.facts'>> {
    this.#get(id);
    const mine = ++this.#newestFacts;
    const before = this.#facts;
    const counted = (async () => {
      await before;
      if (mine !== this.#newestFacts) {
        throw new LaviError('CANCELLED', 'The map has changed again.');
      }
      const { folder, line } = this.#get(id);
      return this.engines.numbers.run('mapFacts', { folder, line, effort });
    })();
    this.#facts = counted.catch(() => {});
    return counted;
  }

  sizes({ id }: Args<'labels.sizes'>): Promise<Value<'labels.sizes'>> {
    const { folder, line } = this.#get(id);
    return this.engines.numbers.run('mapSizes', { folder, line });
  }

  async reduce({ id, agreement }: Args<'labels.reduce'>): Promise<Value<'labels.reduce'>> {
    const { folder, line } = this.#get(id);
    this.#reducing?.abort();
    const controller = (this.#reducing = new AbortController());
    return this.engines.numbers.run(
      'mapReduce',
      { folder, line, agreement },
      { signal: controller.signal, onProgress: (fraction) => this.onProgress(id, fraction) },
    );
  }

  stopReduce(): void {
    this.#reducing?.abort();
  }

  async save({ id, what, effort }: Args<'labels.save'>): Promise<Value<'labels.save'>> {
    const log = this.#get(id);
    const { folder, line, header } = log;
    const { path, place, upload } = header.origin;
    const stem = `${place.slice(0, place.length - extname(place).length)}${additions[what]}`;
    const named = { path, place: `${stem}${extname(place)}`, upload };
    const { output } = planOutput(named, this.settings(), extensions[what]);
    const args = { folder, line, what, effort, output };
    const { bytes } = await this.engines.numbers.run('mapSave', args);
    // What was drawn meanwhile is not in the file.
    if (what !== 'points' && log.line === line) await log.append({ saved: true });
    return { output, bytes, map: await this.state(id) };
  }

  #get(id: string): MapLog {
    const log = this.#maps.get(id);
    if (!log) throw new LaviError('BAD_REQUEST', `There is no map with the id "${id}".`);
    return log;
  }
}
