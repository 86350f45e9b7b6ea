import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import type { ColourWork, FileEntry } from '../../api/calls/contract';
import { LaviError } from '../../api/errors';
import type { Found } from './scan';
import { kindOf } from './scan';

/** A file of the list, with what the page does not know. */
export interface ListedFile {
  entry: FileEntry;
  path: string;
  /** See `Found`. */
  place: string;
  /** It came without a path: `path` is a copy of the app's own. */
  upload: boolean;
  /** When it was changed last, to know it again by; milliseconds since 1970. */
  date?: number;
  /** Its own date, where the file at `path` has another; milliseconds since 1970. */
  modified?: number;
  /** What was made of it in the workspace "Colorize". */
  colours?: ColourWork;
}

/** What is shown of a file: where only what it was saved as is left, that. */
export function shownOf({ path, entry }: ListedFile): { path: string; kind: FileEntry['kind'] } {
  const { kind, lost, state, result } = entry;
  const saved = lost && state === 'saved' ? result?.output : undefined;
  return saved ? { path: saved, kind: kindOf(saved) ?? 'photo' } : { path, kind };
}

export type FilesListener = (changes: { changed: FileEntry[]; removed: string[] }) => void;

/** File systems round dates, some to two seconds. */
const SAME_DATE_MS = 2000;

const sameDate = (a: number | undefined, b: number | undefined) =>
  a === b || (a !== undefined && b !== undefined && Math.abs(a - b) <= SAME_DATE_MS);

/** Changes are told together, at most so often. */
const TELL_EVERY_MS = 60;

/** The files on the list, in their order. Whoever changes an entry calls `changed`. */
export class Files {
  #listed = new Map<string, ListedFile>();
  readonly #removed = new Map<string, { file: ListedFile; before: string | undefined }>();
  readonly #byPath = new Map<string, string>();
  readonly #changed = new Set<string>();
  readonly #gone = new Set<string>();
  /** Of files that were lost, at least until they were found. */
  readonly #lost = new Set<string>();
  #timer?: NodeJS.Timeout | undefined;

  constructor(readonly listener: FilesListener) {}

  /** Adds a file, or gives the entry that it has already; one that was lost is itself again. */
  add(found: Found, upload?: { modified?: number | undefined }): ListedFile {
    const known = this.#listed.get(this.#byPath.get(found.path) ?? '');
    if (known && !known.entry.lost) return known;
    const { path, place, kind, bytes } = found;
    const name = place.split(/[\\/]/).at(-1)!;
    const folder = upload ? '' : dirname(path);
    const modified = upload?.modified;
    const date = modified ?? found.date;
    const lost = this.#lostLike(name, bytes, date);
    if (lost) return this.#find(lost, path, upload !== undefined, folder);
    const id = randomUUID();
    const file: ListedFile = {
      entry: { id, name, folder, kind, bytes, state: 'new' },
      path,
      place,
      upload: upload !== undefined,
      ...(date !== undefined && { date }),
      ...(modified !== undefined && { modified }),
    };
    this.#listed.set(id, file);
    this.#byPath.set(path, id);
    this.#tell(id);
    return file;
  }

  #lostLike(name: string, bytes: number, date: number | undefined): ListedFile | undefined {
    for (const id of this.#lost) {
      const file = this.#listed.get(id);
      if (!file?.entry.lost) continue;
      const { entry } = file;
      if (entry.name === name && entry.bytes === bytes && sameDate(file.date, date)) return file;
    }
    return undefined;
  }

  #find(file: ListedFile, path: string, upload: boolean, folder: string): ListedFile {
    const { id } = file.entry;
    this.#lost.delete(id);
    this.#byPath.delete(file.path);
    this.#byPath.set(path, id);
    Object.assign(file, { path, upload });
    this.change(id, { lost: undefined, error: undefined, folder });
    return file;
  }

  /** Puts a file on the list as an earlier run had it. */
  revive(file: ListedFile): void {
    if (this.#byPath.has(file.path) || this.#listed.has(file.entry.id)) return;
    this.#listed.set(file.entry.id, file);
    this.#byPath.set(file.path, file.entry.id);
    if (file.entry.lost) this.#lost.add(file.entry.id);
    this.#tell(file.entry.id);
  }

  listed(): ListedFile[] {
    return [...this.#listed.values()];
  }

  /** @throws LaviError BAD_REQUEST if there is none of that id. */
  get(id: string): ListedFile {
    const file = this.#listed.get(id);
    if (!file) throw new LaviError('BAD_REQUEST', `There is no file with the id "${id}".`);
    return file;
  }

  find(id: string): ListedFile | undefined {
    return this.#listed.get(id);
  }

  entries(): FileEntry[] {
    return [...this.#listed.values()].map(({ entry }) => entry);
  }

  /** Changes an entry; keys set to undefined are taken away. */
  change(id: string, patch: { [Key in keyof FileEntry]?: FileEntry[Key] | undefined }): void {
    const file = this.#listed.get(id);
    if (!file) return;
    const merged = Object.entries({ ...file.entry, ...patch });
    file.entry = Object.fromEntries(merged.filter(([, value]) => value !== undefined)) as FileEntry;
    this.#tell(id);
  }

  remove(ids: string[]): void {
    const order = [...this.#listed.keys()];
    for (const id of ids) {
      const file = this.#listed.get(id);
      if (!file) continue;
      this.#removed.set(id, { file, before: order[order.indexOf(id) + 1] });
      this.#listed.delete(id);
      this.#byPath.delete(file.path);
      this.#changed.delete(id);
      this.#gone.add(id);
    }
    this.#tell();
  }

  /** Puts removed files back where they were. */
  restore(ids: string[]): FileEntry[] {
    const back: FileEntry[] = [];
    // Last first: each finds the file that it stood before.
    for (const id of [...ids].reverse()) {
      const removed = this.#removed.get(id);
      if (!removed || this.#byPath.has(removed.file.path)) continue;
      this.#removed.delete(id);
      const { file, before } = removed;
      const list = [...this.#listed];
      const place = list.findIndex(([other]) => other === before);
      list.splice(place < 0 ? list.length : place, 0, [id, file]);
      this.#listed = new Map(list);
      this.#byPath.set(file.path, id);
      this.#gone.delete(id);
      this.#tell(id);
      back.unshift(file.entry);
    }
    return back;
  }

  #tell(id?: string): void {
    if (id !== undefined) this.#changed.add(id);
    this.#timer ??= setTimeout(() => this.flush(), TELL_EVERY_MS);
  }

  /** Tells what has changed since the last time. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const changed = [...this.#changed].flatMap((id) => this.#listed.get(id)?.entry ?? []);
    const removed = [...this.#gone];
    this.#changed.clear();
    this.#gone.clear();
    if (changed.length + removed.length > 0) this.listener({ changed, removed });
  }
}
