import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import { LaviError } from '../../api/errors';

/** A file to work on and the file to make of it, or why there is none. */
export interface Item {
  file: string;
  output: string;
  failure?: LaviError;
}

export interface PlanOptions {
  /** Extensions, with the dot and in lower case, that are taken from folders. */
  extensions: readonly string[];
  /** The extension of outputs, with the dot. */
  outputExtension: string;
  /** Names that are left out of folders: a command's own outputs. */
  skip?: (name: string) => boolean;
  /** Where outputs go; beside their originals when left out. */
  outputFolder?: string | undefined;
}

/**
 * Plans a batch: files as they are named, folders searched to their depths for files of the given
 * extensions (hidden ones and links to folders left out), their structure kept under the output
 * folder. Two files that would become the same output, and outputs that would replace a file of the
 * batch, are failures of the later one.
 */
export async function planBatch(paths: string[], options: PlanOptions): Promise<Item[]> {
  const items = (await Promise.all(paths.map((path) => itemsOf(path, options)))).flat();
  const inputs = new Set(items.map(({ file }) => keyOf(file)));
  const takenBy = new Map<string, string>();
  for (const item of items) {
    if (item.failure) continue;
    const key = keyOf(item.output);
    const other = takenBy.get(key);
    if (other !== undefined) {
      item.failure = new LaviError(
        'FILE_EXISTS',
        `${item.file} and ${other} would both become ${item.output}; only ${other} does.`,
      );
    } else if (inputs.has(key)) {
      item.failure = new LaviError(
        'FILE_EXISTS',
        `The output ${item.output} would replace a file of this batch.`,
      );
    } else {
      takenBy.set(key, item.file);
    }
  }
  return items;
}

/** One name a file: where case does not tell files apart, it must not here. */
function keyOf(path: string): string {
  const full = resolve(path);
  return process.platform === 'linux' ? full : full.toLowerCase();
}

async function itemsOf(path: string, options: PlanOptions): Promise<Item[]> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) return [itemOf(path, basename(path), options)];
  let files: string[];
  try {
    const found = await filesUnder(path, options.extensions);
    files = found.filter((file) => !options.skip?.(basename(file)));
  } catch (cause) {
    return [failed(path, 'FILE_UNREADABLE', `The folder ${path} cannot be read.`, cause)];
  }
  if (files.length === 0) {
    const kinds = options.extensions.join(', ');
    return [failed(path, 'FILE_NOT_FOUND', `Expected files of ${kinds} in ${path}, found none.`)];
  }
  return files.map((file) => itemOf(file, relative(path, file), options));
}

function failed(
  file: string,
  code: 'FILE_UNREADABLE' | 'FILE_NOT_FOUND',
  message: string,
  cause?: unknown,
): Item {
  return { file, output: file, failure: new LaviError(code, message, undefined, { cause }) };
}

/** @param place the file's path under the output folder, as yet with its own extension */
function itemOf(file: string, place: string, options: PlanOptions): Item {
  const { outputFolder, outputExtension } = options;
  const original = outputFolder === undefined ? file : join(outputFolder, place);
  const name = basename(original, extname(original)) + outputExtension;
  return { file, output: join(dirname(original), name) };
}

async function filesUnder(folder: string, extensions: readonly string[]): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const files: string[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) files.push(...(await filesUnder(path, extensions)));
    else if (extensions.includes(extname(entry.name).toLowerCase())) files.push(path);
  }
  return files;
}
