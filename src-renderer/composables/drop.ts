import { acceptOf, openedExtensions } from '../../src-main/api/formats';
import { bridge } from '../client';

/** A file without a path, and where in the dropped folder it lay (`holiday/day 1/a.jpg`). */
export interface LooseFile {
  file: File;
  path: string;
}

export interface Dropped {
  /** Real paths, where the shell knows them: folders are then searched by the session. */
  paths: string[];
  loose: LooseFile[];
}

/** Everything in a folder, however many: `readEntries` gives about a hundred a call. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return all;
    all.push(...some);
  }
}

const fileOf = (entry: FileSystemFileEntry) =>
  new Promise<File>((resolve, reject) => entry.file(resolve, reject));

/** The files of a tree in order; asked for together, since each answer takes its way through the browser. */
async function walk(entry: FileSystemEntry): Promise<LooseFile[]> {
  if (entry.isFile) {
    const file = await fileOf(entry as FileSystemFileEntry).catch(() => null);
    return file ? [{ file, path: entry.fullPath.replace(/^\//, '') }] : [];
  }
  if (!entry.isDirectory) return [];
  const entries = await entriesOf(entry as FileSystemDirectoryEntry).catch(() => []);
  entries.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
  return (await Promise.all(entries.map(walk))).flat();
}

/** What a drop or a paste brought. Must be called in the event itself: its data is gone after. */
export function droppedIn(data: DataTransfer): Promise<Dropped> {
  const files = [...data.files];
  const paths = files.map((file) => bridge.pathOf?.(file) ?? '').filter(Boolean);
  if (paths.length === files.length && paths.length > 0)
    return Promise.resolve({ paths, loose: [] });
  const entries = [...data.items].flatMap((item) => {
    const entry = item.kind === 'file' ? item.webkitGetAsEntry() : null;
    return entry ? [entry] : [];
  });
  if (entries.length === 0) {
    return Promise.resolve({ paths: [], loose: files.map((file) => ({ file, path: file.name })) });
  }
  return Promise.all(entries.map(walk)).then((loose) => ({ paths: [], loose: loose.flat() }));
}

/** Lets people choose files with the browser's own dialog. */
export function chooseLoose(
  folder: boolean,
  accept = acceptOf(openedExtensions),
): Promise<LooseFile[]> {
  return new Promise((resolve) => {
    const input = document.createElement('input');
    input.type = 'file';
    input.multiple = true;
    if (folder) input.webkitdirectory = true;
    else input.accept = accept;
    input.addEventListener('change', () =>
      resolve(
        [...(input.files ?? [])].map((file) => ({
          file,
          path: file.webkitRelativePath || file.name,
        })),
      ),
    );
    input.addEventListener('cancel', () => resolve([]));
    input.click();
  });
}
