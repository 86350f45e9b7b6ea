import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeOutput } from '../../jobs/output';

const MOST = 10;
const recentSchema = z.array(z.string().min(1));

/** The files and folders that were opened last, newest first, in the user's configuration folder. */
export class RecentFiles {
  #paths: string[];
  #writing: Promise<void> = Promise.resolve();

  constructor(
    readonly folder: string,
    /** Hears of every change. */
    readonly onChange: () => void = () => {},
  ) {
    this.#paths = read(this.#file).slice(0, MOST);
  }

  get paths(): readonly string[] {
    return this.#paths;
  }

  /** Of many that were opened together, the first ones are remembered. */
  add(paths: readonly string[]): void {
    this.#set([...new Set([...paths, ...this.#paths])]);
  }

  remove(path: string): void {
    this.#set(this.#paths.filter((one) => one !== path));
  }

  clear(): void {
    this.#set([]);
  }

  /** Resolves once everything is on disk. */
  flushed(): Promise<void> {
    return this.#writing;
  }

  get #file(): string {
    return join(this.folder, 'recent.json');
  }

  #set(paths: string[]): void {
    this.#paths = paths.slice(0, MOST);
    const bytes = new TextEncoder().encode(`${JSON.stringify(this.#paths)}\n`);
    this.#writing = this.#writing
      .then(() => writeOutput(this.#file, bytes, { overwrite: true }))
      .catch(() => {});
    this.onChange();
  }
}

function read(file: string): string[] {
  try {
    return recentSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return [];
  }
}
