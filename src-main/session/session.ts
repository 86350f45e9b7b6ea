import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { z } from 'zod';
import type {
  AppContract,
  FileEntry,
  QueueState,
  Settings,
  uploadQuery,
} from '../api/calls/contract';
import type { DataOf, EventOf, Handlers } from '../api/channel/channel';
import { WatchedEngines } from './watched-engines';
import { Batch } from './queue/batch';
import { Colourings } from './colorize/colorings';
import { Estimates } from './queue/estimates';
import { Files } from './files/files';
import { Fitting } from './queue/fitting';
import type { RunFolders } from './files/folders';
import { openKeptUploads, openRunFolders } from './files/folders';
import type { SessionParts } from './handlers';
import { sessionHandlers } from './handlers';
import { emptyJournal, Journal } from './queue/journal';
import { Mixtures } from './latents/mixture';
import { Readings } from './latents/vae';
import { Maps } from './labels/maps';
import { Pictures } from './picture-cache';
import { revive, snapshot } from './queue/revival';
import type { Engines } from './engines';
import { Saved } from './files/saved';
import { SettingsFile } from './settings';
import { Shown } from './compress/shown';
import { Speed } from './queue/speed';
import { Thumbs } from './files/thumbs';
import type { UploadLimits } from './files/uploads';
import { Uploads } from './files/uploads';

export interface SessionOptions {
  engines: Engines;
  platform: 'web' | 'electron';
  version: string;
  /** The model that files are written with. */
  model: () => Promise<{ id: string; card: string }>;
  /** The last entries of this run's log and of those before it, and the log's path. */
  log?: () => Promise<{ file: string; text: string }>;
  /** Folders of the user's for settings and for what may be lost. */
  configDir: string;
  cacheDir: string;
  /** Where folder lists start. */
  home: string;
  /** Settings of those who have not chosen any. */
  defaults: Settings;
  uploadLimits?: UploadLimits;
  /** So long the engine has to be idle before sizes are estimated, in milliseconds. */
  restMs?: number;
}

export type Emit = <Name extends EventOf<AppContract>>(
  name: Name,
  data: DataOf<AppContract, Name>,
) => void;

/**
 * The app but for its window: files, settings, the queue, what is shown. It runs in the shell's
 * process and holds no pixels; whatever computes is a job of the engine's, so an engine that crashes
 * takes nothing from the session but the jobs in flight.
 */
export class Session {
  readonly handlers: Handlers<AppContract>;
  readonly saved: Saved;
  readonly #listeners = new Set<Emit>();
  readonly #emit: Emit = (name, data) => {
    for (const emit of this.#listeners) emit(name, data);
  };
  readonly #pictures: Pictures;
  readonly #parts: SessionParts;
  readonly #estimates: Estimates;

  private constructor(
    readonly options: SessionOptions,
    readonly folders: RunFolders,
    readonly settings: SettingsFile,
    readonly uploads: Uploads,
    readonly journal: Journal | undefined,
  ) {
    const engines = new WatchedEngines(options.engines);
    const emit = this.#emit;
    const pictures = (this.#pictures = new Pictures(folders.pictures));
    const files = new Files((changes) => {
      journal?.touch();
      this.#estimates.wake();
      emit('files', changes);
    });
    const shown = new Shown(engines, files, pictures, () => settings.current, {
      progress: (data) => emit('progress', data),
      glimpse: (data) => emit('glimpse', data),
      curve: (data) => emit('curve', data),
      baselines: (data) => emit('baselines', data),
    });
    const onQueue = (state: QueueState) => {
      journal?.touch();
      emit('queue', state);
    };
    const speed = new Speed();
    const batch = new Batch(engines, speed, files, () => settings.current, onQueue);
    const onTimed = () => void batch.tellNow();
    const current = () => settings.current;
    this.#estimates = new Estimates(engines, files, speed, current, onTimed, options.restMs);
    const fitting = new Fitting(
      () => engines.main,
      files,
      settings,
      (changed) => emit('settings', changed),
      (fraction) => emit('fitting', { fraction }),
    );
    const thumbs = new Thumbs(
      () => engines.pixels,
      () => engines.main,
      files,
      pictures,
    );
    const maps = new Maps(
      engines,
      pictures,
      () => settings.current,
      (id, fraction) => emit('progress', { id, what: 'reduce', fraction }),
    );
    this.saved = new Saved(files, () => engines.main, folders.pictures);
    const mixtures = new Mixtures(
      () => engines.numbers,
      files,
      pictures,
      () => settings.current,
    );
    const readings = new Readings(() => engines.main, files, pictures);
    const colourings = new Colourings(engines, files, pictures, maps, () => journal?.touch());
    this.#parts = {
      ...{ options, settings, files, batch, fitting, shown, thumbs },
      estimates: this.#estimates,
      ...{ mixtures, readings, maps, colourings, emit },
    };
    this.handlers = sessionHandlers(this.#parts);
  }

  static async open(options: SessionOptions): Promise<Session> {
    const { configDir, cacheDir, uploadLimits } = options;
    const folders = await openRunFolders(cacheDir);
    const settings = await SettingsFile.open(configDir, options.defaults);
    options.engines.configure(settings.current);
    const journal = await Journal.open(configDir);
    const own = journal ? await openKeptUploads(cacheDir) : folders.uploads;
    const uploads = new Uploads(own, uploadLimits);
    const session = new Session(options, folders, settings, uploads, journal);
    const { files, batch, maps } = session.#parts;
    const left = await journal?.read();
    if (journal) await revive(left ?? emptyJournal, files, batch, uploads);
    journal?.keep(() => snapshot(files, batch));
    // Where another process keeps the maps, this one's go with its run.
    await maps.open(join(journal ? configDir : folders.uploads, 'labels'));
    return session;
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
    const found = await this.uploads.receive(query.name, query.path, bytes, declared);
    if (query.room === 'labels') {
      const { bytes: size, kind, place } = found;
      const id = this.#parts.maps.receive(found);
      return { id, name: place, folder: '', kind, bytes: size, state: 'new' };
    }
    return this.#parts.files.add(found, { modified: query.modified }).entry;
  }

  /** Ends all work and removes what only this run needed. */
  async close(): Promise<void> {
    this.#parts.shown.leave();
    this.#parts.colourings.leave();
    this.#listeners.clear();
    this.#parts.batch.stop();
    this.#parts.fitting.stop();
    this.#estimates.close();
    await this.journal?.close();
    await this.#parts.maps.close();
    await this.options.engines.close();
    await this.settings.flushed();
    this.folders.remove();
  }
}
