import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { FileEntry } from '../../api/calls/contract';
import { LaviError } from '../../api/errors';
import { isLaviName, isPhotoName } from '../../api/formats';

const MOST_FILES = 100_000;
const DEEPEST = 32;
const LONGEST_LIST = 2_000;

export interface Found {
  path: string;
  bytes: number;
  kind: FileEntry['kind'];
  /** Where it lies under what was added: its name, or a folder's name and its path in there. */
  place: string;
  /** When it was changed last; milliseconds since 1970. */
  date?: number | undefined;
}

/** What a file's name says it is; undefined for what people do not mean when they add a folder. */
export function kindOf(path: string): FileEntry['kind'] | undefined {
  if (isLaviName(path)) return 'lavi';
  return isPhotoName(path) ? 'photo' : undefined;
}

/**
 * The files that a path stands for: itself, or all photos and .lavi files of a folder to its depths,
 * hidden ones and links left out, by name.
 *
 * @throws LaviError FILE_NOT_FOUND, FILE_UNREADABLE
 */
export async function filesAt(given: string): Promise<Found[]> {
  const path = resolve(given);
  const info = await stat(path).catch((cause: unknown) => {
    throw new LaviError('FILE_NOT_FOUND', `There is no file ${path}.`, { path }, { cause });
  });
  if (!info.isDirectory()) {
    // Whatever it is called: whether it is a photo, its content tells.
    const kind = kindOf(path) ?? 'photo';
    return [{ path, bytes: info.size, kind, place: basename(path), date: info.mtimeMs }];
  }
  const found: Found[] = [];
  await walk(path, 0);
  if (found.length === 0) {
    throw new LaviError('FILE_NOT_FOUND', `There are no photos in ${path}.`, { path });
  }
  return found;

  async function walk(folder: string, depth: number): Promise<void> {
    for (const entry of await entriesOf(folder)) {
      const inside = join(folder, entry.name);
      if (found.length >= MOST_FILES) return;
      if (entry.isDirectory()) {
        // A folder that may not be read deep inside is no reason to give up the others.
        if (depth < DEEPEST) await walk(inside, depth + 1).catch(() => {});
      } else if (entry.isFile()) {
        const kind = kindOf(entry.name);
        if (!kind) continue;
        const { size, mtimeMs } = await stat(inside);
        const place = relative(dirname(path), inside);
        found.push({ path: inside, bytes: size, kind, place, date: mtimeMs });
      }
    }
  }
}

/** A folder's photos, .lavi files and folders, for people to choose from. */
export async function listFolder(given: string) {
  const dir = resolve(given);
  const all = await entriesOf(dir);
  const entries: {
    name: string;
    path: string;
    kind: 'folder' | FileEntry['kind'];
    bytes?: number;
  }[] = [];
  for (const folder of [true, false]) {
    for (const entry of all) {
      const path = join(dir, entry.name);
      // A link stands for what it leads to: here people choose one by one.
      const info = entry.isSymbolicLink() ? await stat(path).catch(() => undefined) : entry;
      if (!info || info.isDirectory() !== folder) continue;
      if (folder) entries.push({ name: entry.name, path, kind: 'folder' });
      else {
        const kind = info.isFile() ? kindOf(entry.name) : undefined;
        if (kind) entries.push({ name: entry.name, path, kind });
      }
    }
  }
  const shown = entries.slice(0, LONGEST_LIST);
  for (const entry of shown) {
    if (entry.kind !== 'folder')
      entry.bytes = (await stat(entry.path).catch(() => undefined))?.size ?? 0;
  }
  const parent = dirname(dir);
  return {
    dir,
    parent: parent === dir ? null : parent,
    entries: shown,
    more: entries.length - shown.length,
  };
}

async function entriesOf(folder: string) {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter(({ name }) => !name.startsWith('.'))
      .sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new LaviError(
      missing ? 'FILE_NOT_FOUND' : 'FILE_UNREADABLE',
      missing ? `There is no folder ${folder}.` : `The folder ${folder} cannot be read.`,
      { path: folder },
      { cause },
    );
  }
}
