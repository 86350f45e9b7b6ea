import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readManifest } from '../../rda/manifest';

/**
 * The model that files are written with: its id, and its card as Markdown (empty where there is none).
 *
 * @throws LaviError MODEL_MISSING, MODEL_MISMATCH
 */
export async function readModelCard(modelsDir: string): Promise<{ id: string; card: string }> {
  const card = await readFile(join(modelsDir, 'README.md'), 'utf8').catch(() => '');
  const { id } = await readManifest(modelsDir);
  return { id, card };
}
