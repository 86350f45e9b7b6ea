import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import { join } from 'node:path';

const runName = /^run-(\d+)-[0-9a-f]{8}$/;

/** What one run of the app keeps on disk for itself; nobody else can read it. */
export interface RunFolders {
  /** Pictures for the screen. */
  pictures: string;
  /** Photos that came without a path. */
  uploads: string;
  /** Removes both; synchronous, so that it can run while the process exits. */
  remove(): void;
}

/** Makes this run's folders under `cache`, and removes those of runs that are over. */
export async function openRunFolders(cache: string): Promise<RunFolders> {
  await mkdir(cache, { recursive: true, mode: 0o700 });
  for (const name of await readdir(cache)) {
    const pid = runName.exec(name)?.[1];
    if (pid && !isAlive(Number(pid))) await rm(join(cache, name), { recursive: true, force: true });
  }
  const root = join(cache, `run-${process.pid}-${randomBytes(4).toString('hex')}`);
  const folders = { pictures: join(root, 'px'), uploads: join(root, 'uploads') };
  await mkdir(root, { mode: 0o700 });
  for (const folder of Object.values(folders)) await mkdir(folder, { mode: 0o700 });
  return { ...folders, remove: () => rmSync(root, { recursive: true, force: true }) };
}

/** The folder of photos without a path that outlives a run: the journal's holder's alone. */
export async function openKeptUploads(cache: string): Promise<string> {
  const folder = join(cache, 'uploads');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return folder;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
