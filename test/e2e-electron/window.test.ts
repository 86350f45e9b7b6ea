/// <reference lib="dom" />
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '../e2e';
import { encodePhoto } from '../../src-main/image/output';
import { root } from '../e2e-cli/lavi';
import { renderScene } from '../photos';
import type { Launched } from './launch';
import { expectNoViolation, launch, missingElectron, sandboxArgs } from './launch';

interface Item {
  label: string;
  submenu?: { items: Item[] };
}

/** The labels of the menu, and of the recent files in it. */
function menuOf({ app }: Launched): Promise<{ menus: string[]; recent: string[] }> {
  return app.evaluate(({ Menu }) => {
    const { items } = Menu.getApplicationMenu() as unknown as { items: Item[] };
    const recent = items[0]!.submenu!.items[2]!.submenu!.items;
    return {
      menus: items.map(({ label }) => label),
      recent: recent.map(({ label }) => label).filter(Boolean),
    };
  });
}

describe.skipIf(missingElectron('the window'))('the window from run to run', () => {
  let home: string;
  let launched: Launched | undefined;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'lavi-window-'));
    await copyFile(join(root, 'test/golden/rda/landscape-low.lavi'), join(home, 'a holiday.lavi'));
    const scene = renderScene('landscape', { width: 160, height: 120 });
    await writeFile(join(home, 'second.png'), await encodePhoto(scene, 'png'));
  });
  afterAll(async () => {
    await launched?.close();
    await rm(home, { recursive: true, force: true });
  });

  it('keeps its place and size, and speaks the language of the settings', async () => {
    launched = await launch({ home });
    const { app, page } = launched;
    expect(await menuOf(launched)).toEqual({
      menus: ['File', 'Edit', 'View', 'Window', 'Help'],
      recent: ['Clear List'],
    });
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('combobox', { name: 'Language' }).selectOption('de');
    await page.getByRole('heading', { name: 'Einstellungen' }).waitFor();
    await expect.poll(async () => (await menuOf(launched!)).menus[0]).toBe('Datei');
    const themeOf = () => app.evaluate(({ nativeTheme }) => nativeTheme.themeSource);
    expect(await themeOf()).toBe('system');
    await page.getByRole('combobox', { name: 'Farben' }).selectOption('dark');
    await expect.poll(themeOf).toBe('dark');
    await app.evaluate(({ BrowserWindow }) => {
      BrowserWindow.getAllWindows()[0]!.setBounds({ x: 60, y: 40, width: 1010, height: 640 });
    });
    await launched.close();
    launched = undefined;
    const kept = JSON.parse(await readFile(join(home, 'config/window.json'), 'utf8')) as object;
    expect(kept).toEqual({ x: 60, y: 40, width: 1010, height: 640, maximised: false });
  });

  it('opens a .lavi file named on its command line, where it was left', async () => {
    launched = await launch({ home, cwd: home, args: ['a holiday.lavi'] });
    const { app, page } = launched;
    const bounds = await app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]!.getNormalBounds(),
    );
    expect(bounds).toEqual({ x: 60, y: 40, width: 1010, height: 640 });
    const row = page.getByRole('row', { name: 'a holiday.lavi' });
    await row.waitFor();
    await expect.poll(() => row.getAttribute('aria-selected')).toBe('true');
    const { recent } = await menuOf(launched);
    expect(recent).toEqual([`a holiday.lavi — ${home}`, 'Liste leeren']);
    await expectNoViolation(page);
  });

  it('shows what a second start names, and there is one window still', async () => {
    const { app, page, program } = launched!;
    const second = spawn(program, [...sandboxArgs, 'second.png'], {
      cwd: home,
      env: { ...process.env, LAVI_HOME: home, LAVI_NODE: process.execPath },
      stdio: 'ignore',
    });
    expect(await once(second, 'exit')).toEqual([0, null]);
    const row = page.getByRole('row', { name: 'second.png' });
    await row.waitFor();
    await expect.poll(() => row.getAttribute('aria-selected')).toBe('true');
    expect(app.windows()).toHaveLength(1);
    expect((await menuOf(launched!)).recent[0]).toBe(`second.png — ${home}`);
  });
});
