import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/**
 * The files that a command line names: everything on it that is there and is no option. Relative ones
 * are the caller's.
 *
 * @param argv without the program and the app's own folder
 * @param folder the caller's
 * @param own a path that is never meant: the app's folder, which Electron run by hand has among them
 */
export function filesOnCommandLine(argv: string[], folder: string, own: string): string[] {
  return argv
    .filter((argument) => argument !== '' && !argument.startsWith('-'))
    .map((argument) => resolve(folder, argument))
    .filter((path) => path !== resolve(own) && existsSync(path));
}
