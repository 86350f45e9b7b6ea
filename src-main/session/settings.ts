import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Settings } from '../api/calls/contract';
import { settingsSchema } from '../api/calls/contract';
import { writeOutput } from '../jobs/output';

/** The settings, in a file of the user's configuration folder. */
export class SettingsFile {
  #current: Settings;
  #writing: Promise<void> = Promise.resolve();

  private constructor(
    readonly path: string,
    current: Settings,
  ) {
    this.#current = current;
  }

  /** Reads the file; whatever is missing or not understood in it is as in `defaults`. */
  static async open(folder: string, defaults: Settings): Promise<SettingsFile> {
    const path = join(folder, 'settings.json');
    const text = await readFile(path, 'utf8').catch(() => '{}');
    const settings: Record<string, unknown> = { ...defaults };
    for (const [name, schema] of Object.entries(settingsSchema.shape)) {
      const value = schema.safeParse(fieldOf(text, name));
      if (value.success) settings[name] = value.data;
    }
    return new SettingsFile(path, settingsSchema.parse(settings));
  }

  get current(): Settings {
    return this.#current;
  }

  change(patch: Partial<Settings>): Settings {
    const given = Object.entries(patch).filter(([, value]) => value !== undefined);
    this.#current = settingsSchema.parse({ ...this.#current, ...Object.fromEntries(given) });
    const write = async () => {
      const bytes = new TextEncoder().encode(`${JSON.stringify(this.#current, null, 2)}\n`);
      await writeOutput(this.path, bytes, { overwrite: true });
    };
    // One after the other; settings that cannot be kept still hold for this run.
    this.#writing = this.#writing.then(write).catch(() => {});
    return this.#current;
  }

  /** Resolves once everything is on disk. */
  flushed(): Promise<void> {
    return this.#writing;
  }
}

function fieldOf(text: string, name: string): unknown {
  try {
    return (JSON.parse(text) as Record<string, unknown>)[name];
  } catch {
    return undefined;
  }
}
