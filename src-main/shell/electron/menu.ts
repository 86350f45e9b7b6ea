import { basename, dirname } from 'node:path';
import type { MenuItemConstructorOptions } from 'electron';
import { Menu } from 'electron';
import type { ShellCommand } from '../../api/channel/page';
import type { MenuTexts } from './menu-texts';

export interface MenuOptions {
  texts: MenuTexts;
  /** Files and folders opened last, newest first. */
  recent: readonly string[];
  /** What was chosen goes to the page, which knows what it means just then. */
  send: (command: ShellCommand) => void;
  open: (path: string) => void;
  clearRecent: () => void;
}

const separator: MenuItemConstructorOptions = { type: 'separator' };

/** Sets the native menu. */
export function setMenu(options: MenuOptions): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(options)));
}

function menuTemplate(options: MenuOptions): MenuItemConstructorOptions[] {
  const { texts, send } = options;
  const isMac = process.platform === 'darwin';
  const item = (text: 'open' | 'openFolder' | 'save' | 'undo', accelerator: string) => ({
    ...{ label: texts[text], click: () => send(text), accelerator },
  });
  const settings: MenuItemConstructorOptions = {
    label: texts.settings,
    click: () => send('settings'),
    accelerator: 'CmdOrCtrl+,',
  };
  const about: MenuItemConstructorOptions = { label: texts.about, click: () => send('about') };
  const quit: MenuItemConstructorOptions = { role: 'quit', label: texts.quit };
  return [
    ...(isMac ? [macMenu(texts, about, settings, quit)] : []),
    {
      label: texts.file,
      submenu: [
        item('open', 'CmdOrCtrl+O'),
        item('openFolder', 'CmdOrCtrl+Shift+O'),
        recentMenu(options),
        separator,
        item('save', 'CmdOrCtrl+S'),
        separator,
        ...(isMac ? [{ role: 'close' as const, label: texts.close }] : [settings, separator, quit]),
      ],
    },
    {
      label: texts.edit,
      submenu: [
        item('undo', 'CmdOrCtrl+Z'),
        separator,
        { role: 'cut', label: texts.cut },
        { role: 'copy', label: texts.copy },
        { role: 'paste', label: texts.paste },
      ],
    },
    {
      label: texts.view,
      submenu: [
        // Their keys (0, 1, W) are the page's own: in a menu they would be taken from text fields.
        { label: texts.fit, click: () => send('fit') },
        { label: texts.actual, click: () => send('actual') },
        { label: texts.worst, click: () => send('worst') },
        separator,
        { role: 'togglefullscreen', label: texts.fullScreen },
      ],
    },
    {
      label: texts.window,
      submenu: [
        { role: 'minimize', label: texts.minimise },
        isMac ? { role: 'zoom', label: texts.zoom } : { role: 'close', label: texts.close },
      ],
    },
    ...(isMac ? [] : [{ label: texts.help, submenu: [about] }]),
  ];
}

function recentMenu({ texts, recent, open, clearRecent }: MenuOptions): MenuItemConstructorOptions {
  const files = recent.map((path) => ({
    // An ampersand would underline what follows it.
    label: `${basename(path)} — ${dirname(path)}`.replaceAll('&', '&&'),
    click: () => open(path),
  }));
  const clear = { label: texts.clearRecent, click: clearRecent };
  return {
    label: texts.recent,
    enabled: files.length > 0,
    submenu: [...files, separator, clear],
  };
}

function macMenu(
  texts: MenuTexts,
  about: MenuItemConstructorOptions,
  settings: MenuItemConstructorOptions,
  quit: MenuItemConstructorOptions,
): MenuItemConstructorOptions {
  return {
    label: 'Lavi',
    submenu: [
      ...[about, separator, settings, separator],
      { role: 'hide', label: texts.hide },
      { role: 'hideOthers', label: texts.hideOthers },
      ...[separator, quit],
    ],
  };
}
