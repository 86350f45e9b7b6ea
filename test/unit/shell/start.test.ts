import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findElectron, runWatched } from '../../../build/electron.mjs';
import { runDesktop } from '../../../build/desktop.mjs';
import { afterDesktop, chooseShell, windowless } from '../../../build/start-choice.mjs';
import { defaultSettings } from '../../../src-main/shell/process/user-folders';

const none = { reason: 'Electron is not installed', fetchable: true };
const program = '/opt/electron';

function machine({ display = true, found = none as ReturnType<typeof findElectron> } = {}) {
  const fetches: boolean[] = [];
  return {
    fetches,
    windowless: () => (display ? undefined : 'there is no display'),
    find: () => found,
    fetch: async ({ again }: { again: boolean }) => {
      fetches.push(again);
      return { reason: 'it could not be fetched', fetchable: false } as typeof found;
    },
  };
}

describe('npm start', () => {
  it('opens a window where Electron is, or comes', async () => {
    expect(await chooseShell(undefined, machine({ found: { program } }))).toEqual({
      shell: 'desktop',
      program,
    });
    const coming = { ...machine(), fetch: async () => ({ program }) };
    expect(await chooseShell(undefined, coming)).toEqual({ shell: 'desktop', program });
  });

  it('opens the browser where it does not come, and says why', async () => {
    const here = machine();
    const reason = 'it could not be fetched';
    expect(await chooseShell(undefined, here)).toEqual({ shell: 'web', reason });
    expect(here.fetches).toEqual([false]);
  });

  it('fetches nothing where there is no display, or where LAVI_ELECTRON is wrong', async () => {
    const dark = machine({ display: false });
    const reason = 'there is no display';
    expect(await chooseShell(undefined, dark)).toEqual({ shell: 'web', reason });
    const wrong = machine({ found: { reason: 'there is no /x', fetchable: false } });
    expect(await chooseShell(undefined, wrong)).toEqual({ shell: 'web', reason: 'there is no /x' });
    expect([...dark.fetches, ...wrong.fetches]).toEqual([]);
  });

  it('does what it is asked: the browser without a reason, a window or nothing', async () => {
    const here = machine({ found: { program } });
    expect(await chooseShell('web', here)).toEqual({ shell: 'web' });
    const dark = machine({ display: false, found: { program } });
    expect(await chooseShell('desktop', dark)).toEqual({ shell: 'desktop', program });
    const bare = machine();
    expect(await chooseShell('desktop', bare)).toEqual({
      shell: 'none',
      reason: 'it could not be fetched',
    });
    // Who asks for a window is not told of an old failure.
    expect(bare.fetches).toEqual([true]);
    expect(await chooseShell('compress', here)).toEqual({ shell: 'cli' });
    expect(await chooseShell('--help', here)).toEqual({ shell: 'cli' });
  });

  it('knows where no window can be opened', () => {
    const user = { platform: 'linux', env: { DISPLAY: ':0' }, uid: 1000 };
    expect(windowless(user)).toBeUndefined();
    expect(windowless({ ...user, env: { WAYLAND_DISPLAY: 'w' } })).toBeUndefined();
    expect(windowless({ ...user, env: {} })).toBe('there is no display');
    expect(windowless({ ...user, uid: 0 })).toBe('Electron does not run as root');
    expect(windowless({ platform: 'darwin', env: {}, uid: 0 })).toBeUndefined();
  });
});

describe('a window that does not come', () => {
  let folder: string;
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'lavi-start-'))));
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** A program that does what Electron would. */
  async function ran(code: string) {
    const script = join(folder, 'program.cjs');
    await writeFile(script, code);
    return runDesktop(process.execPath, [script]);
  }
  const ready = "require('fs').writeFileSync(process.env.LAVI_READY, '');";

  it('says why Electron ended at its start', async () => {
    const sandbox =
      '[99:1126/1.2:FATAL:zygote_host_impl_linux.cc(132)] No usable sandbox! If you are running on Ubuntu 23.10+, see';
    expect(
      await ran(`console.error(${JSON.stringify(`${sandbox}\nmore`)}); process.exit(133)`),
    ).toEqual({
      reason: expect.stringMatching(/with code 133 at its start \(No usable sandbox!/) as string,
    });
    const library = 'electron: error while loading shared libraries: libgtk-3.so.0: cannot open';
    expect(await ran(`console.error('${library}'); process.exit(127)`)).toEqual({
      reason: `Electron ended with code 127 at its start (${library})`,
    });
    expect(await ran("process.kill(process.pid, 'SIGKILL')")).toEqual({
      reason: 'Electron ended by SIGKILL at its start',
    });
    expect(await runDesktop(join(folder, 'nothing'), [])).toMatchObject({
      reason: expect.stringContaining('could not be started') as string,
    });
  });

  it('is not one that came and then ended, nor one that another run has', async () => {
    expect(await ran(`${ready} process.exit(3)`)).toEqual({ code: 3 });
    expect(await ran('process.exit(0)')).toEqual({ code: 0 });
  });

  it('leads to the browser, or to an end where a window was asked for', () => {
    expect(afterDesktop(undefined, 'x')).toEqual({ shell: 'web', reason: 'x' });
    expect(afterDesktop('desktop', 'x')).toEqual({ shell: 'none', reason: 'x' });
  });
});

describe('the language of the first start', () => {
  it('is the first of the system’s that the app speaks', () => {
    const cases = [['de-AT'], ['fr-FR', 'de'], ['en-GB', 'de'], ['C'], ['fr'], [], ['den-XX']];
    expect(cases.map((one) => defaultSettings('/home/me', one).language)).toEqual([
      ...['de', 'de', 'en', 'en', 'en', 'en', 'en'],
    ]);
  });
});

describe('Electron', () => {
  let folder: string;
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'lavi-start-'))));
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is what LAVI_ELECTRON names, a program or its folder, or what its package installed', async () => {
    const find = (env: NodeJS.ProcessEnv) => findElectron(env, folder);
    expect(find({})).toMatchObject({ fetchable: true });
    const dist = join(folder, 'node_modules/electron/dist');
    await mkdir(dist, { recursive: true });
    await writeFile(join(dist, '../path.txt'), 'electron');
    expect(find({})).toMatchObject({ fetchable: true });
    await writeFile(join(dist, 'electron'), '');
    expect(find({})).toEqual({ program: join(dist, 'electron') });
    for (const LAVI_ELECTRON of [dist, join(dist, 'electron')]) {
      expect(find({ LAVI_ELECTRON })).toEqual({ program: join(dist, 'electron') });
    }
    expect(find({ LAVI_ELECTRON: join(folder, 'x') })).toMatchObject({ fetchable: false });
  });

  it('is given up when nothing arrives, and not before', async () => {
    const run = (code: string) =>
      runWatched([process.execPath, '-e', code], { folder, stalledAfterMs: 2000 });
    expect(await run('setInterval(() => {}, 1000)')).toBe('nothing arrived for 2 seconds');
    // Slower than that in all, but something arrives all the time.
    const steady = `let n = 0; const timer = setInterval(() => {
      require('fs').appendFileSync('part', 'x');
      if (++n === 12) clearInterval(timer);
    }, 250);`;
    expect(await run(steady)).toBeUndefined();
    expect(await run('console.error("no network"); process.exit(3)')).toBe('no network');
  });
});
