import { readFileSync } from 'node:fs';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { colourWorkSchema, fileEntrySchema } from '../../api/calls/contract';
import { writeOutput } from '../../jobs/output';
import { orderSchema } from './saver';

const journalSchema = z.object({
  files: z.array(
    z.object({
      entry: fileEntrySchema,
      path: z.string(),
      place: z.string(),
      upload: z.boolean(),
      date: z.number().optional(),
      modified: z.number().optional(),
      colours: colourWorkSchema.optional(),
    }),
  ),
  /** What was still to be saved, in its order, with the settings that it was to be saved with. */
  batch: z.array(orderSchema),
  paused: z.boolean(),
});
export type JournalState = z.infer<typeof journalSchema>;
export const emptyJournal: JournalState = { files: [], batch: [], paused: false };

/** Changes come in bursts; what a crash may cost is so much of the newest. */
const WRITE_AFTER_MS = 1000;

/**
 * The list and the queue on disk, so that a crash or the end of the app costs nothing that has a path.
 * One process writes it: another that runs beside it goes without.
 */
export class Journal {
  #snapshot?: (() => JournalState) | undefined;
  #timer?: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  private constructor(
    readonly path: string,
    readonly lock: string,
  ) {}

  /** Undefined if another process holds it. */
  static async open(folder: string): Promise<Journal | undefined> {
    const lock = join(folder, 'journal.lock');
    await mkdir(folder, { recursive: true });
    for (let attempt = 0; attempt < 2; attempt++) {
      try {
        const file = await open(lock, 'wx');
        await file.writeFile(String(process.pid));
        await file.close();
        return new Journal(join(folder, 'journal.json'), lock);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || isHeld(lock)) return undefined;
        await rm(lock, { force: true });
      }
    }
    return undefined;
  }

  /** What the last run left; nothing if that cannot be understood. */
  async read(): Promise<JournalState | undefined> {
    const text = await readFile(this.path, 'utf8').catch(() => '');
    try {
      return journalSchema.parse(JSON.parse(text));
    } catch {
      return undefined;
    }
  }

  /** From now on `snapshot` is what there is to keep. */
  keep(snapshot: () => JournalState): void {
    this.#snapshot = snapshot;
    this.touch();
  }

  /** Something changed: it is written soon. */
  touch(): void {
    if (!this.#snapshot) return;
    this.#timer ??= setTimeout(() => void this.flush(), WRITE_AFTER_MS);
  }

  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#snapshot) return;
    const bytes = new TextEncoder().encode(JSON.stringify(this.#snapshot()));
    // A journal that cannot be written is no reason to stop working.
    this.#writing = this.#writing
      .then(() => writeOutput(this.path, bytes, { overwrite: true }))
      .catch(() => {});
    await this.#writing;
  }

  async close(): Promise<void> {
    await this.flush();
    this.#snapshot = undefined;
    await rm(this.lock, { force: true });
  }
}

function isHeld(lock: string): boolean {
  try {
    process.kill(Number(readFileSync(lock, 'utf8')), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
