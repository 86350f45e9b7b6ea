import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { root } from '../e2e-cli/lavi';

export interface WebShell {
  /** Opens the app, once. */
  address: string;
  pid: number;
  stop: () => Promise<void>;
}

/** Starts the built web shell with its settings, cache and outputs under `home`. */
export async function startWebShell(home: string): Promise<WebShell> {
  const child = spawn(process.execPath, [join(root, 'out/main/web.js'), '--no-open'], {
    env: { ...process.env, LAVI_HOME: home, HOME: home, LC_ALL: 'en_US.UTF-8' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const address = await new Promise<string>((resolve, reject) => {
    const hear = (text: Buffer) => {
      said += text.toString();
      const found = /http:\/\/\S+\?token=\S+/.exec(said)?.[0];
      if (found) resolve(found);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`The web shell ended with ${code}: ${said}`)));
  });
  return {
    address,
    pid: child.pid!,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
}

/** A real drop, as the system's file manager would make it, on the middle of the page. */
export async function dropFiles(page: Page, paths: string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const { width, height } = page.viewportSize()!;
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', {
      type,
      x: width / 2,
      y: height / 2,
      data: { items: [], files: paths, dragOperationsMask: 1 },
    });
  }
  await session.detach();
}
