import { appendFile, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabelEdit } from '../../api/calls/contract';
import type { MapHeader, MapLine } from '../../api/jobs/labels';
import { logName, readLog } from '../../jobs/label-log';

/**
 * A map's folder: its source, its photo, and a log that only grows. What the log says is the map;
 * nothing that was appended is lost with the app or its engines.
 */
export class MapLog {
  #lines: MapLine[];
  #writing: Promise<void> = Promise.resolve();

  private constructor(
    readonly folder: string,
    readonly header: MapHeader,
    lines: MapLine[],
  ) {
    this.#lines = lines;
  }

  /** Copies the files into a new folder: originals may change or go, edits stay with what they edit. */
  static async create(
    folder: string,
    header: MapHeader,
    files: { from: string; name: string }[],
  ): Promise<MapLog> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const { from, name } of files) await copyFile(from, join(folder, name));
    await writeFile(join(folder, logName), `${JSON.stringify(header)}\n`);
    return new MapLog(folder, header, []);
  }

  /** Takes up what an earlier run left. @throws LaviError if that cannot be understood */
  static async revive(folder: string): Promise<MapLog> {
    const { header, lines } = await readLog(folder);
    const path = join(folder, logName);
    const text = await readFile(path, 'utf8');
    // A line that was cut short would swallow the next one.
    if (!text.endsWith('\n')) await writeFile(path, text.slice(0, text.lastIndexOf('\n') + 1));
    return new MapLog(folder, header, lines);
  }

  get line(): number {
    return this.#lines.length;
  }

  async append(line: MapLine): Promise<void> {
    this.#lines.push(line);
    const write = () => appendFile(join(this.folder, logName), `${JSON.stringify(line)}\n`);
    this.#writing = this.#writing.then(write);
    await this.#writing;
  }

  /** What the lines come to. */
  get state() {
    const done: LabelEdit[] = [];
    const undone: LabelEdit[] = [];
    let photo = this.header.photo ?? null;
    let changed = this.header.kind === 'photo';
    for (const line of this.#lines) {
      if ('saved' in line) changed = false;
      else if ('photo' in line) photo = line.photo;
      else {
        changed = true;
        if ('edit' in line) {
          done.push(line.edit);
          undone.length = 0;
        } else {
          const [from, to] = 'undo' in line ? [done, undone] : [undone, done];
          const edit = from.pop();
          if (edit) to.push(edit);
        }
      }
    }
    return { done, undone, photo, changed };
  }
}
