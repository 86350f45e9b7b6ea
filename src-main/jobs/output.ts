import { createHash, randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { link, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { LaviError } from '../api/errors';
import { throwIfCancelled } from './queue';

/**
 * Output files that are there whole or not at all: bytes go to a hidden file in the same folder,
 * which takes the output's name only when it is complete and on disk.
 */

/** Part of a temporary file's name, so that machines sharing a folder leave each other's alone. */
const host = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
const temporaryName = /^\.lavi-([0-9a-f]{8})-(\d+)-[0-9a-f]{12}\.tmp$/;

const unfinished = new Set<string>();
let guard: UnfinishedGuard = () => {};
const sweptFolders = new Set<string>();

// Covers process.exit() wherever it is called; signals are turned into exits by the shells.
process.on('exit', removeUnfinishedOutputs);

/** Hears that there are unfinished outputs now, or none any more. */
export type UnfinishedGuard = (some: boolean) => void;

/**
 * Sets what guards unfinished outputs against signals. A handler that is there all the time would
 * hold up Ctrl-C for as long as a net blocks the event loop; nets never run while outputs are open.
 */
export function guardUnfinishedOutputs(by: UnfinishedGuard): void {
  guard = by;
}

/** Removes this process's temporary files. Synchronous: it runs while the process exits. */
export function removeUnfinishedOutputs(): void {
  for (const path of unfinished) rmSync(path, { force: true });
  unfinished.clear();
}

export interface OutputOptions {
  /** Replace a file of that name; otherwise such a file is the error FILE_EXISTS. */
  overwrite?: boolean;
  /** Aborting before the file has its name leaves nothing behind. */
  signal?: AbortSignal;
}

/**
 * Writes `bytes` as the file `path`, making its folder if need be.
 *
 * @throws LaviError FILE_EXISTS, WRITE_FAILED or CANCELLED; nothing is left behind then.
 */
export async function writeOutput(
  path: string,
  bytes: Uint8Array,
  { overwrite = false, signal }: OutputOptions = {},
): Promise<void> {
  await refuseExisting(path, overwrite);
  const folder = dirname(path);
  const temporary = join(folder, newTemporaryName());
  try {
    await mkdir(folder, { recursive: true });
    await removeStaleOutputs(folder);
    if (unfinished.size === 0) guard(true);
    unfinished.add(temporary);
    await writeDurably(temporary, bytes);
    throwIfCancelled(signal);
    await (overwrite ? rename(temporary, path) : renameToFree(temporary, path));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error instanceof LaviError ? error : writeError(path, error);
  } finally {
    if (unfinished.delete(temporary) && unfinished.size === 0) guard(false);
  }
}

/**
 * Checks early what `writeOutput` checks again at the end, so that no minute of work is lost on it.
 *
 * @throws LaviError FILE_EXISTS; WRITE_FAILED when the name belongs to a folder.
 */
export async function refuseExisting(path: string, overwrite: boolean): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) {
    throw new LaviError(
      'WRITE_FAILED',
      `Expected a file name to write to, but ${path} is a folder.`,
    );
  }
  if (found && !overwrite) throw existsError(path);
}

/** Removes temporary files in `folder` whose process on this machine is gone; once a folder. */
async function removeStaleOutputs(folder: string): Promise<void> {
  if (sweptFolders.has(folder)) return;
  sweptFolders.add(folder);
  for (const name of await readdir(folder).catch(() => [])) {
    const match = temporaryName.exec(name);
    if (match?.[1] === host && !isAlive(Number(match[2]))) {
      await rm(join(folder, name), { force: true }).catch(() => {});
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

function newTemporaryName(): string {
  return `.lavi-${host}-${process.pid}-${randomBytes(6).toString('hex')}.tmp`;
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(bytes);
    // Without this a power cut after the rename can leave the name on an empty file.
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Gives the file its name unless another took it meanwhile: rename() alone would replace that. */
async function renameToFree(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw existsError(path);
    // No hard links here (FAT, some network folders): take the name first, then replace it.
    await (await open(path, 'wx')).close();
    await rename(temporary, path).catch(async (failure: unknown) => {
      await rm(path, { force: true });
      throw failure;
    });
    return;
  }
  await rm(temporary, { force: true });
}

function existsError(path: string): LaviError {
  return new LaviError('FILE_EXISTS', `${path} exists already and would have been replaced.`, {
    path,
  });
}

function writeError(path: string, error: unknown): LaviError {
  const code = codeOf(error);
  const { syscall } = error as NodeJS.ErrnoException;
  if (code === 'EEXIST' && syscall !== 'mkdir') return existsError(path);
  const reasons: Record<string, string> = {
    ENOSPC: 'the disk is full',
    EACCES: 'writing there is not allowed',
    EPERM: 'writing there is not allowed',
    EROFS: 'that disk is read-only',
    EEXIST: 'a part of that path is a file, not a folder',
    ENOTDIR: 'a part of that path is a file, not a folder',
    ENAMETOOLONG: 'the name is too long',
  };
  const reason = reasons[code ?? ''] ?? (error instanceof Error ? error.message : String(error));
  return new LaviError('WRITE_FAILED', `${path} could not be written: ${reason}.`, undefined, {
    cause: error,
  });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}
