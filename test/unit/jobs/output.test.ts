import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  guardUnfinishedOutputs,
  removeUnfinishedOutputs,
  writeOutput,
} from '../../../src-main/jobs/output';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lavi-output-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const bytes = Buffer.from('whole');

/** The name a temporary file of process `pid` on this machine has. */
async function temporaryNameOf(pid: number): Promise<string> {
  const probe = join(folder, 'probe');
  await mkdir(probe);
  const names: string[] = [];
  const writing = writeOutput(join(probe, 'a'), Buffer.alloc(4 << 20));
  while (names.length === 0) {
    names.push(...(await readdir(probe)).filter((name) => name.startsWith('.lavi-')));
  }
  await writing;
  await rm(probe, { recursive: true });
  return names[0]!.replace(`-${process.pid}-`, `-${pid}-`);
}

describe('writeOutput', () => {
  it('writes the bytes, makes folders and leaves no other file', async () => {
    await writeOutput(join(folder, 'a/b/photo.lavi'), bytes);
    expect(await readFile(join(folder, 'a/b/photo.lavi'), 'utf8')).toBe('whole');
    expect(await readdir(join(folder, 'a/b'))).toEqual(['photo.lavi']);
  });

  it('never replaces a file silently', async () => {
    const path = join(folder, 'photo.lavi');
    await writeFile(path, 'mine');
    await expect(writeOutput(path, bytes)).rejects.toMatchObject({ code: 'FILE_EXISTS' });
    expect(await readFile(path, 'utf8')).toBe('mine');
    expect(await readdir(folder)).toEqual(['photo.lavi']);
  });

  it('replaces a file when told to', async () => {
    const path = join(folder, 'photo.lavi');
    await writeFile(path, 'mine');
    await writeOutput(path, bytes, { overwrite: true });
    expect(await readFile(path, 'utf8')).toBe('whole');
  });

  it('lets one of two writers of the same name win and tells the other', async () => {
    const path = join(folder, 'photo.lavi');
    const ends = await Promise.allSettled([
      writeOutput(path, Buffer.from('first')),
      writeOutput(path, Buffer.from('other')),
    ]);
    expect(ends.map((end) => end.status).sort()).toEqual(['fulfilled', 'rejected']);
    const lost = ends.find((end) => end.status === 'rejected')!;
    expect(lost.reason).toMatchObject({ code: 'FILE_EXISTS' });
    expect(await readdir(folder)).toEqual(['photo.lavi']);
  });

  it('leaves nothing when cancelled', async () => {
    const path = join(folder, 'photo.lavi');
    await expect(writeOutput(path, bytes, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    expect(await readdir(folder)).toEqual([]);
  });

  it('says what is wrong with the place', async () => {
    await writeFile(join(folder, 'file'), '');
    await mkdir(join(folder, 'sub'));
    await expect(writeOutput(join(folder, 'file/x.lavi'), bytes)).rejects.toMatchObject({
      code: 'WRITE_FAILED',
    });
    await expect(
      writeOutput(join(folder, 'sub'), bytes, { overwrite: true }),
    ).rejects.toMatchObject({
      code: 'WRITE_FAILED',
      message: expect.stringMatching(/is a folder/),
    });
    await expect(writeOutput(join(folder, 'x'.repeat(300)), bytes)).rejects.toMatchObject({
      code: 'WRITE_FAILED',
      message: expect.stringMatching(/too long/),
    });
  });

  it('takes a dangling link for a taken name', async () => {
    await symlink('nowhere', join(folder, 'photo.lavi'));
    await expect(writeOutput(join(folder, 'photo.lavi'), bytes)).rejects.toMatchObject({
      code: 'FILE_EXISTS',
    });
  });

  it('removes what dead processes left, and only that', async () => {
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    const live = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)']);
    await once(live, 'spawn');
    try {
      const ofDead = await temporaryNameOf(dead);
      const ofLive = await temporaryNameOf(live.pid!);
      const ofOtherHost = ofDead.replace(/^\.lavi-.{8}/, '.lavi-00000000');
      for (const name of [ofDead, ofLive, ofOtherHost]) await writeFile(join(folder, name), '');
      await writeOutput(join(folder, 'photo.lavi'), bytes);
      expect((await readdir(folder)).sort()).toEqual([ofLive, ofOtherHost, 'photo.lavi'].sort());
    } finally {
      live.kill();
    }
  });

  it('is guarded from its first byte until it has its name, and after failing too', async () => {
    const heard: boolean[] = [];
    guardUnfinishedOutputs((some) => heard.push(some));
    await Promise.all(['a', 'b'].map((name) => writeOutput(join(folder, name), bytes)));
    expect(heard).toEqual([true, false]);
    await expect(
      writeOutput(join(folder, 'c'), bytes, { signal: AbortSignal.abort() }),
    ).rejects.toThrow();
    expect(heard).toEqual([true, false, true, false]);
    guardUnfinishedOutputs(() => {});
  });

  it('removes files in the making when the process exits', async () => {
    const writing = writeOutput(join(folder, 'photo.lavi'), Buffer.alloc(64 << 20));
    while ((await readdir(folder)).length === 0);
    removeUnfinishedOutputs();
    expect(await readdir(folder)).toEqual([]);
    await expect(writing).rejects.toMatchObject({ code: 'WRITE_FAILED' });
  });
});
