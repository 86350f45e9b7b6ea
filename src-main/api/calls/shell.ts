import { z } from 'zod';
import { id } from '../shapes';

/** What Electron's main process takes of its page, a call each; see `ShellBridge`. */
export const shellCalls = {
  choose: z.enum(['files', 'folder']),
  reveal: id,
  startDrag: z.array(id).min(1).max(10_000),
  copyFiles: z.array(id).min(1).max(10_000),
  copyPicture: id,
} as const;
export type ShellCall = keyof typeof shellCalls;
