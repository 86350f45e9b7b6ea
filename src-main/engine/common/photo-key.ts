import { stat } from 'node:fs/promises';

/** Names a file as it is now: one that changed is another photo. */
export async function photoKey(file: string): Promise<string> {
  const found = await stat(file).catch(() => undefined);
  return `${file}\0${found?.size}\0${found?.mtimeMs}`;
}
