import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { ShellBridge, ShellCommand } from '../../api/channel/page';
import { portAnswer, portRequest, shellCommands } from '../../api/channel/page';

/** What the page gets of Electron: one port to the session and these few functions. */
const bridge: Required<ShellBridge> = {
  pathOf: (file) => webUtils.getPathForFile(file),
  choose: async (what) => (await ipcRenderer.invoke('lavi:choose', what)) as string[],
  reveal: async (id) => void (await ipcRenderer.invoke('lavi:reveal', id)),
  startDrag: (ids) => ipcRenderer.send('lavi:startDrag', ids),
  copyFiles: async (ids) => (await ipcRenderer.invoke('lavi:copyFiles', ids)) === true,
  copyPicture: async (id) => (await ipcRenderer.invoke('lavi:copyPicture', id)) === true,
  onCommand(listener) {
    const hear = (_: unknown, command: unknown) => {
      if (shellCommands.includes(command as ShellCommand)) listener(command as ShellCommand);
    };
    ipcRenderer.on('lavi:command', hear);
    return () => ipcRenderer.off('lavi:command', hear);
  },
  onOpened(listener) {
    const hear = (_: unknown, ids: unknown) => listener(ids as string[]);
    ipcRenderer.on('lavi:opened', hear);
    return () => ipcRenderer.off('lavi:opened', hear);
  },
};
contextBridge.exposeInMainWorld('lavi', bridge);

window.addEventListener('message', (event) => {
  if (event.source !== window || event.data !== portRequest) return;
  const { port1, port2 } = new MessageChannel();
  ipcRenderer.postMessage('lavi:port', null, [port1]);
  window.postMessage(portAnswer, location.origin, [port2]);
});
