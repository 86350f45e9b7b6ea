import type { MenuItemConstructorOptions } from 'electron';
import { Menu } from 'electron';
import type { ShellCommand } from '../api/page';

/** The native menu; what is chosen goes to the page, which knows what it means just then. */
export function setMenu(send: (command: ShellCommand) => void): void {
  const item = (
    label: string,
    command: ShellCommand,
    accelerator?: string,
  ): MenuItemConstructorOptions => ({
    label,
    click: () => send(command),
    ...(accelerator && { accelerator }),
  });
  const separator: MenuItemConstructorOptions = { type: 'separator' };
  const isMac = process.platform === 'darwin';
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      ...(isMac ? [{ role: 'appMenu' }] : []),
      {
        label: 'File',
        submenu: [
          item('Open…', 'open', 'CmdOrCtrl+O'),
          item('Choose Folder…', 'openFolder', 'CmdOrCtrl+Shift+O'),
          separator,
          item('Save', 'save', 'CmdOrCtrl+S'),
          separator,
          item('Settings…', 'settings', 'CmdOrCtrl+,'),
          separator,
          { role: isMac ? 'close' : 'quit' },
        ],
      },
      {
        label: 'Edit',
        submenu: [
          item('Undo', 'undo', 'CmdOrCtrl+Z'),
          separator,
          { role: 'cut' },
          { role: 'copy' },
          { role: 'paste' },
        ],
      },
      {
        label: 'View',
        submenu: [
          // Their keys (0, 1, W) are the page's own: in a menu they would be taken from text fields.
          item('Fit', 'fit'),
          item('Actual Pixels', 'actual'),
          item('Worst Spot', 'worst'),
          separator,
          { role: 'togglefullscreen' },
        ],
      },
      { role: 'windowMenu' },
      { label: 'Help', submenu: [item('About Lavi', 'about')] },
    ]),
  );
}
