import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Log } from '../../session/log';

/** Size at which a log becomes the old one, in bytes; one old log is kept. */
export const maxLogBytes = 2 ** 20;

/** The last entries of old and current log that are copied, in characters. */
const COPIED = 200_000;

/** An entry: one line of JSON, its time in ISO 8601 (UTC) first. */
export function logLine(event: string, fields: Record<string, unknown> = {}, at = new Date()) {
  return JSON.stringify({ at: at.toISOString(), event, ...fields });
}

/** Path of the log that was full before `file` was begun. */
export const oldLog = (file: string) => file.replace(/\.log$/, '.old.log');

/** A log as lines of JSON. Each is on disk when `write` returns, so a crash loses none. */
export class LogFile implements Log {
  constructor(
    readonly file: string,
    readonly maxBytes = maxLogBytes,
  ) {}

  write(event: string, fields?: Record<string, unknown>): void {
    try {
      mkdirSync(dirname(this.file), { recursive: true });
      const bytes = statSync(this.file, { throwIfNoEntry: false })?.size ?? 0;
      if (bytes >= this.maxBytes) renameSync(this.file, oldLog(this.file));
      appendFileSync(this.file, `${logLine(event, fields)}\n`, { mode: 0o600 });
    } catch {
      // A full disk or a folder that cannot be written to stops no work.
    }
  }
}

/**
 * The last entries of a log, oldest first, to be copied: the home folder's name (it often is a person's)
 * is written `~`. Empty where there is no log.
 *
 * @param home absolute path
 */
export async function readLog(file: string, home: string, length = COPIED): Promise<string> {
  const parts = [oldLog(file), file].map((path) => readFile(path, 'utf8').catch(() => ''));
  const text = (await Promise.all(parts)).join('');
  const tail =
    text.length > length ? text.slice(text.indexOf('\n', text.length - length) + 1) : text;
  // In JSON a backslash is written twice.
  return tail.replaceAll(JSON.stringify(home).slice(1, -1), '~');
}
