/**
 * How the app's page meets its shell; the calls themselves are in app.ts.
 *
 * In a browser the page opens a WebSocket at `socketPath` of its own origin. In Electron the preload
 * script puts a `ShellBridge` on `window.lavi` and, once the page asked by posting `portRequest` to
 * its own window, posts `portAnswer` back to the window with one MessagePort.
 */
export const socketPath = '/socket';
export const uploadPath = '/upload';
export const portRequest = 'lavi:port?';
export const portAnswer = 'lavi:port';

/** What a page cannot do by itself. Every member may be missing: a page then does without. */
export interface ShellBridge {
  /** The path of a dropped or chosen file; empty for one that has none (pasted pixels). */
  pathOf?(file: File): string;
  /** The system's open dialog; no paths when it was dismissed. */
  choose?(what: 'files' | 'folder'): Promise<string[]>;
  /** Shows a file in the system's file manager. */
  reveal?(path: string): Promise<void>;
  /** Hears what was chosen in the menu ("open", "save", "undo", …) until the returned call. */
  onCommand?(listener: (command: ShellCommand) => void): () => void;
}

export const shellCommands = [
  'open',
  'openFolder',
  'save',
  'undo',
  'settings',
  'about',
  'fit',
  'actual',
  'worst',
] as const;
export type ShellCommand = (typeof shellCommands)[number];
