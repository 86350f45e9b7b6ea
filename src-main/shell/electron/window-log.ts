import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import log from 'electron-log/main';
import type { Log } from '../../session/log';
import { logLine, maxLogBytes } from '../process/log-file';

/**
 * The log of the window's process: lines as `LogFile` writes them, and what Electron reports of processes
 * of its own that ended and of errors that nothing caught.
 */
export function windowLog(file: string): Log {
  mkdirSync(dirname(file), { recursive: true });
  log.transports.console.level = false;
  Object.assign(log.transports.file, {
    ...{ resolvePathFn: () => file, maxSize: maxLogBytes, level: 'info' },
    format: ({ message }: { message: { data: unknown[]; date: Date; level: string } }) => {
      const [event, fields] = message.data;
      if (typeof event === 'string' && isRecord(fields)) {
        return [logLine(event, fields, message.date)];
      }
      const said = message.data.map(textOf).join(' ');
      return [logLine(message.level, { said }, message.date)];
    },
  });
  log.errorHandler.startCatching();
  log.eventLogger.startLogging();
  return { file, write: (event, fields = {}) => log.info(event, fields) };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !(value instanceof Error);

function textOf(value: unknown): string {
  if (value instanceof Error) return value.stack ?? value.message;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
