import type { AppContract, Settings } from '../../api/calls/contract';
import type { ArgsOf, ValueOf } from '../../api/channel/channel';
import { LaviError } from '../../api/errors';
import type { Tune } from '../../api/choices';
import type { Held } from './batch';
import type { Files, ListedFile } from '../files/files';
import type { EngineRunner } from '../engines';
import type { SettingsFile } from '../settings';

/** Finds the quality at which photos together fit into a size, sets it, and holds files to it. */
export class Fitting {
  readonly #measured = new Map<
    string,
    { quality: number; metadata: boolean; tune: Tune; anyway: boolean; bytes: number }
  >();
  #controller?: AbortController | undefined;

  constructor(
    readonly engine: () => EngineRunner,
    readonly files: Files,
    readonly settings: SettingsFile,
    readonly onSettings: (settings: Settings) => void,
    readonly onProgress: (fraction: number) => void,
  ) {}

  /** What a file may take at most, where it is saved as it was measured. */
  readonly held: Held = (id, { quality, anyway }) => {
    const known = this.#measured.get(id);
    const { metadata, tune } = this.settings.current;
    const same =
      known?.quality === quality &&
      known.metadata === metadata &&
      known.tune === tune &&
      known.anyway === anyway;
    return same ? known.bytes : undefined;
  };

  /** @throws LaviError TARGET_UNREACHABLE, CANCELLED; BAD_REQUEST without a photo among the files */
  async fit({
    ids,
    bytes,
  }: ArgsOf<AppContract, 'queue.fit'>): Promise<ValueOf<AppContract, 'queue.fit'>> {
    this.stop();
    const controller = new AbortController();
    this.#controller = controller;
    const photos = ids.map((id) => this.files.get(id)).filter(isSavable);
    if (photos.length === 0) {
      throw new LaviError('BAD_REQUEST', 'Expected photos to fit into a size and found none.');
    }
    const { metadata, tune, codeAnyway } = this.settings.current;
    const wanted = photos.map(({ path, entry: { id, anyway = codeAnyway } }) => ({
      ...{ id, file: path, anyway },
    }));
    const args = {
      files: wanted.map(({ file, anyway }) => ({ file, anyway })),
      bytes,
      metadata,
      tune,
    };
    const { signal } = controller;
    const found = await this.engine().run('fit', args, { signal, onProgress: this.onProgress });
    const { quality } = found;
    const failed: string[] = [];
    for (const [i, { id, anyway }] of wanted.entries()) {
      const file = found.files[i]!;
      if ('bytes' in file)
        this.#measured.set(id, { quality, metadata, tune, anyway, bytes: file.bytes });
      else {
        failed.push(id);
        this.files.change(id, { state: 'failed', error: file.error });
      }
    }
    this.#set(
      quality,
      wanted.map(({ id }) => id),
    );
    const fitted = photos.filter(({ entry }) => !failed.includes(entry.id));
    const originalBytes = fitted.reduce((sum, { entry }) => sum + entry.bytes, 0);
    return { quality, bytes: found.bytes, originalBytes, files: fitted.length, failed };
  }

  stop(): void {
    this.#controller?.abort();
    this.#controller = undefined;
  }

  /** For all photos of the list it is the slider's quality, for some of them their own. */
  #set(quality: number, ids: string[]): void {
    const chosen = new Set(ids);
    const all = this.files.listed().every((file) => !isSavable(file) || chosen.has(file.entry.id));
    for (const id of ids) this.files.change(id, { quality: all ? undefined : quality });
    if (all) this.onSettings(this.settings.change({ quality }));
    // What was set is told before the answer to whoever asked for it.
    this.files.flush();
  }
}

function isSavable({ entry: { kind, state, lost } }: ListedFile): boolean {
  return kind === 'photo' && !lost && state !== 'failed';
}
