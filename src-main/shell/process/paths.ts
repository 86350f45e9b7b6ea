import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of package.json: sources and bundles lie at different depths under it. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && folder !== dirname(folder)) {
    folder = dirname(folder);
  }
  return folder;
}

/**
 * Where a plain Node finds the app's files: a packaged app is one archive, which only Electron reads,
 * and what others run or read lies beside it.
 */
function plainRoot(): string {
  return packageRoot().replace(/app\.asar$/, 'app.asar.unpacked');
}

export function modelsFolder(): string {
  return join(plainRoot(), 'models');
}

/** The script of the engine's process. */
export function workerScript(): string {
  return join(plainRoot(), 'out', 'main', 'worker.js');
}

/** The Node that runs the engine: the one named by LAVI_NODE, a packaged app's own, or the path's. */
export function engineNode(): string {
  const named = process.env['LAVI_NODE'];
  if (named) return named;
  const { resourcesPath } = process as { resourcesPath?: string };
  const program = process.platform === 'win32' ? 'node.exe' : 'node';
  const own = resourcesPath && join(resourcesPath, 'node', program);
  return own && existsSync(own) ? own : 'node';
}
