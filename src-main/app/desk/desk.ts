import type { Readable } from 'node:stream';
import type { z } from 'zod';
import type { AppContract, FileEntry, QueueState, Settings, uploadQuery } from '../../api/app';
import type { DataOf, EventOf, Handlers } from '../../api/channel';
import { Batch } from './batch';
import { Files } from './files';
import type { RunFolders } from './folders';
import { openRunFolders } from './folders';
import type { DeskParts } from './handlers';
import { deskHandlers } from './handlers';
import { Journal } from './journal';
import { Pictures } from './pictures';
import { revive, snapshot } from './revival';
import type { Engines } from './runners';
import { Saved } from './saved';
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
  readonly saved: Saved;
  readonly #listeners = new Set<Emit>();
  readonly #emit: Emit = (name, data) => {
    for (const emit of this.#listeners) emit(name, data);
  };
  readonly #uploads: Uploads;
  readonly #pictures: Pictures;
  readonly #parts: DeskParts;
  #journal?: Journal | undefined;

  private constructor(
    readonly options: DeskOptions,
    readonly folders: RunFolders,
    readonly settings: SettingsFile,
  ) {
    const { engines } = options;
    const emit = this.#emit;
    const pictures = (this.#pictures = new Pictures(folders.pictures));
    this.#uploads = new Uploads(folders.uploads, options.uploadLimits);
    const files = new Files((changes) => {
      this.#journal?.touch();
      emit('files', changes);
    });
    const shown = new Shown(engines, files, pictures, () => settings.current.metadata, {
      progress: (data) => emit('progress', data),
      curve: (data) => emit('curve', data),
      baselines: (data) => emit('baselines', data),
    });
    const onQueue = (state: QueueState) => {
      this.#journal?.touch();
      emit('queue', state);
    };
    const batch = new Batch(
      () => engines.main,
      files,
      () => settings.current,
      onQueue,
    );
    const thumbs = new Thumbs(() => engines.pixels, files, pictures);
    this.saved = new Saved(files, () => engines.main, folders.pictures);
    this.#parts = { options, settings, files, batch, shown, thumbs, emit };
    this.handlers = deskHandlers(this.#parts);
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
    const { files, batch } = this.#parts;
    const journal = await Journal.open(this.options.configDir, () => snapshot(files, batch));
    const left = await journal?.read();
    if (left) await revive(left, files, batch);
    this.#journal = journal;
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
    return this.#parts.files.add(found, { modified: query.modified }).entry;
  }

  /** Ends all work and removes what only this run needed. */
  async close(): Promise<void> {
    this.#parts.shown.leave();
    this.#listeners.clear();
    this.#parts.batch.stop();
    await this.#journal?.close();
    this.#journal = undefined;
    await this.options.engines.close();
    await this.settings.flushed();
    this.folders.remove();
  }
}
