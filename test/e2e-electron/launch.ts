import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { ElectronApplication, Page } from 'playwright-core';
import { _electron } from 'playwright-core';
import { root } from '../e2e-cli/lavi';

/** The Electron program to test with: LAVI_ELECTRON names it, or the folder that it lies in. */
export function electronProgram(): string | undefined {
  const named = process.env['LAVI_ELECTRON'];
  if (!named) return undefined;
  const inFolder = join(named, 'electron');
  const program = existsSync(inFolder) ? inFolder : named;
  if (!existsSync(program)) throw new Error(`LAVI_ELECTRON names ${named}, which is not there.`);
  return program;
}

export interface Launched {
  app: ElectronApplication;
  page: Page;
  home: string;
  close(): Promise<void>;
}

/**
 * Starts the built app in the packaged layout: the runtime in a folder of its own (hard links, so
 * that nothing is copied), the app under its resources.
 */
export async function launch(args: string[] = []): Promise<Launched> {
  const program = electronProgram()!;
  const home = await mkdtemp(join(tmpdir(), 'lavi-electron-'));
  const runtime = join(dirname(dirname(program)), `lavi-test-${process.pid}-${basename(home)}`);
  const copied = spawnSync('cp', ['-al', dirname(program), runtime]);
  if (copied.status !== 0) throw new Error(`No copy of the runtime: ${String(copied.stderr)}`);
  await mkdir(join(runtime, 'resources'), { recursive: true });
  await rm(join(runtime, 'resources', 'app'), { force: true });
  await symlink(root, join(runtime, 'resources', 'app'));
  // Chromium's sandbox refuses to run as root; the app itself never asks for this.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const app = await _electron.launch({
    executablePath: join(runtime, basename(program)),
    args: [...sandbox, ...args],
    env: { ...process.env, LAVI_HOME: home, LAVI_NODE: process.execPath } as Record<string, string>,
  });
  const page = await app.firstWindow();
  await page.waitForLoadState('load');
  return {
    ...{ app, page, home },
    async close() {
      await app.close();
      await rm(runtime, { recursive: true, force: true });
      await rm(home, { recursive: true, force: true });
    },
  };
}
