import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { AppContract, FileEntry, Settings, uploadQuery } from '../../api/app';
import type { DataOf, EventOf, Handlers } from '../../api/channel';
import type { Failure } from '../../api/answer';
import { toFailure } from '../../api/answer';
import type { z } from 'zod';
import { readManifest } from '../../onnx/manifest';
import { Batch } from './batch';
import type { Engines } from './runners';
import { Files } from './files';
import { openRunFolders } from './folders';
import type { RunFolders } from './folders';
import type { JournalState } from './journal';
import { Journal } from './journal';
import { Pictures } from './pictures';
import { filesAt, listFolder } from './scan';
import { SettingsFile } from './settings';
import { Shown } from './shown';
import { Thumbs } from './thumbs';
import type { UploadLimits } from './uploads';
import { Uploads } from './uploads';

export interface DeskOptions {
  engines: Engines;
  platform: 'web' | 'electron';
  version: string;
  modelsDir: string;
  /** Folders of the user's for settings and for what may be lost. */
  configDir: string;
  cacheDir: string;
  /** Where folder lists start. */
  home: string;
  /** Settings of those who have not chosen any. */
  defaults: Settings;
  uploadLimits?: UploadLimits;
}

export type Emit = <Name extends EventOf<AppContract>>(
  name: Name,
  data: DataOf<AppContract, Name>,
) => void;

/**
 * The app but for its window: files, settings, the queue, what is shown. It runs in the shell's
 * process and holds no pixels; whatever computes is a job of the engine's, so an engine that crashes
 * takes nothing from the desk but the jobs in flight.
 */
export class Desk {
  readonly handlers: Handlers<AppContract>;
  readonly #listeners = new Set<Emit>();
  readonly #uploads: Uploads;
  readonly #files = new Files((changes) => {
    this.#journal?.touch();
    this.#emit('files', changes);
  });
  readonly #batch: Batch;
  readonly #pictures: Pictures;
  readonly #shown: Shown;
  #journal?: Journal | undefined;

  private constructor(
    readonly options: DeskOptions,
    readonly folders: RunFolders,
    readonly settings: SettingsFile,
  ) {
    const { engines } = options;
    this.#pictures = new Pictures(folders.pictures);
    this.#uploads = new Uploads(folders.uploads, options.uploadLimits);
    this.#shown = new Shown(
      engines,
      this.#files,
      this.#pictures,
      () => this.settings.current.metadata,
      {
        progress: (data) => this.#emit('progress', data),
        curve: (data) => this.#emit('curve', data),
        baselines: (data) => this.#emit('baselines', data),
      },
    );
    this.#batch = new Batch(
      () => engines.main,
      this.#files,
      () => this.settings.current,
      (state) => {
        this.#journal?.touch();
        this.#emit('queue', state);
      },
    );
    this.handlers = this.#handlers();
  }

  static async open(options: DeskOptions): Promise<Desk> {
    const folders = await openRunFolders(options.cacheDir);
    const settings = await SettingsFile.open(options.configDir, options.defaults);
    options.engines.configure(settings.current);
    const desk = new Desk(options, folders, settings);
    await desk.#goOn();
    return desk;
  }

  /** Takes up what an earlier run left: files that are still there, and the rest of its batch. */
  async #goOn(): Promise<void> {
    const journal = await Journal.open(this.options.configDir, () => this.#snapshot());
    const left = await journal?.read();
    for (const { entry, path, place } of left?.files ?? []) {
      const rest = { ...entry };
      delete rest.thumb;
      delete rest.fraction;
      const unfinished = entry.state === 'waiting' || entry.state === 'coding';
      const there = await stat(path).catch(() => undefined);
      // What was saved is done: a new run begins without it.
      if (!there || entry.state === 'saved') continue;
      const state = unfinished || entry.state === 'ready' ? 'new' : entry.state;
      this.#files.revive({ entry: { ...rest, state }, path, place, upload: false });
    }
    this.#batch.revive(left?.batch ?? [], left?.paused ?? false);
    this.#journal = journal;
  }

  #snapshot(): JournalState {
    // Uploads go with the run: their bytes are in its own folder.
    const kept = this.#files.listed().filter(({ upload }) => !upload);
    const ids = new Set(kept.map(({ entry }) => entry.id));
    return {
      files: kept.map(({ entry, path, place }) => ({ entry, path, place })),
      batch: this.#batch.open.filter(({ id }) => ids.has(id)),
      paused: this.#batch.state.state === 'paused',
    };
  }

  /** Tells a window of everything that happens, until the returned function is called. */
  listen(emit: Emit): () => void {
    this.#listeners.add(emit);
    return () => this.#listeners.delete(emit);
  }

  /** The engine's process ended unexpectedly. */
  crashed(message: string, jobsLost: number): void {
    this.#emit('crashed', { message, jobsLost });
  }

  /** The file behind `/px/<name>`; undefined if there is no such picture. */
  picture(name: string): Promise<string | undefined> {
    return this.#pictures.fileOf(name);
  }

  /** Takes a photo that has no path. */
  async upload(
    query: z.output<typeof uploadQuery>,
    bytes: Readable,
    declared?: number,
  ): Promise<FileEntry> {
    const found = await this.#uploads.receive(query.name, query.path, bytes, declared);
    return this.#files.add(found, { modified: query.modified }).entry;
  }

  /** Ends all work and removes what only this run needed. */
  async close(): Promise<void> {
    this.#shown.leave();
    this.#listeners.clear();
    this.#batch.stop();
    await this.#journal?.close();
    this.#journal = undefined;
    await this.options.engines.close();
    await this.settings.flushed();
    this.folders.remove();
  }

  #emit: Emit = (name, data) => {
    for (const emit of this.#listeners) emit(name, data);
  };

  #handlers(): Handlers<AppContract> {
    const { options, settings } = this;
    const { engines } = options;
    const files = this.#files;
    const shown = this.#shown;
    const thumbs = new Thumbs(() => engines.pixels, files, this.#pictures);
    const batch = this.#batch;
    return {
      'app.hello': async () => {
        const { version, platform, home, modelsDir } = options;
        const card = await readFile(join(modelsDir, 'README.md'), 'utf8').catch(() => '');
        const { id } = await readManifest(modelsDir);
        return {
          ...{ version, platform, home, model: { id, card } },
          ...{ settings: settings.current, files: files.entries(), queue: batch.state },
        };
      },
      'app.setSettings': (patch) => {
        const before = settings.current;
        const next = settings.change(patch as Partial<Settings>);
        const { provider, threads } = next;
        if (provider !== before.provider || threads !== before.threads) engines.configure(next);
        this.#emit('settings', next);
        return next;
      },

      'files.add': async ({ paths }) => {
        const added: FileEntry[] = [];
        const failures: Failure[] = [];
        for (const path of paths) {
          try {
            for (const found of await filesAt(path)) added.push(files.add(found).entry);
          } catch (error) {
            failures.push(toFailure(error));
          }
        }
        return { added, failures };
      },
      'files.list': () => files.entries(),
      'files.remove': ({ ids }) => {
        batch.drop(ids);
        for (const id of ids) shown.leave(id);
        files.remove(ids);
        return {};
      },
      'files.restore': ({ ids }) => files.restore(ids),
      'files.setQuality': ({ ids, quality }) => {
        for (const id of ids) files.change(id, { quality: quality ?? undefined });
        return {};
      },
      'files.thumbs': ({ ids }) => {
        thumbs.want(ids);
        return {};
      },
      'files.browse': ({ dir }) => listFolder(dir ?? options.home),
      'files.info': async ({ id }) => {
        const info = await engines.main.run('info', { file: files.get(id).path });
        return { ...info, metadata: (info['metadata'] as string[] | undefined) ?? [] };
      },

      'photo.open': (args) => shown.open(args),
      'photo.close': ({ id }) => {
        shown.leave(id);
        return {};
      },
      'photo.measure': (args) => shown.measure(args),
      'photo.estimate': (args) => shown.estimate(args),
      'photo.tiles': (args) => shown.tiles(args),
      'photo.worst': (args) => shown.worst(args),
      'photo.probe': (args) => shown.probe(args),
      'photo.baselines': (args) => shown.baselines(args),
      'photo.match': (args) => shown.match(args),

      'queue.save': ({ ids, format }) => batch.add(ids, format),
      'queue.pause': () => batch.pause(),
      'queue.resume': () => batch.resume(),
      'queue.cancel': () => batch.cancel(),
    };
  }
}
