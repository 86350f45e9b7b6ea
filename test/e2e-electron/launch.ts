/// <reference lib="dom" />
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { ElectronApplication, Page } from 'playwright-core';
import { _electron } from 'playwright-core';
import { expect } from '../e2e';
import { findElectron } from '../../build/electron.mjs';
import { root } from '../e2e-cli/lavi';
import { patience } from '../patience';

/** The Electron program to test with: LAVI_ELECTRON names it, or the electron package has it. */
export function electronProgram(): string | undefined {
  const found = findElectron();
  if ('program' in found) return found.program;
  // One that was named and is not there is a mistake, not a reason to skip.
  if (!found.fetchable) throw new Error(found.reason);
  return undefined;
}

/** Why tests are skipped that need Electron, said as it is asked for; undefined where there is one. */
export function missingElectron(what: string): string | undefined {
  if (electronProgram()) return undefined;
  const reason = 'LAVI_ELECTRON names no Electron';
  console.warn(`The tests of ${what} are skipped: ${reason}.`);
  return reason;
}

export interface Launched {
  program: string;
  app: ElectronApplication;
  page: Page;
  home: string;
  close(): Promise<void>;
}

export interface LaunchOptions {
  args?: string[];
  /** The folder of settings, cache and outputs; a fresh one, removed at the end, when left out. */
  home?: string;
  /** The folder that the app is started in. */
  cwd?: string;
}

// Chromium's sandbox refuses to run as root; the app itself never asks for this.
export const sandboxArgs = process.getuid?.() === 0 ? ['--no-sandbox'] : [];

/**
 * Puts the built app into the packaged layout: the runtime in a folder of its own (hard links, so that
 * nothing is copied), the app under its resources.
 */
export async function packagedLayout(): Promise<{ program: string; remove(): Promise<void> }> {
  const program = electronProgram()!;
  const runtime = await mkdtemp(join(dirname(dirname(program)), 'lavi-test-'));
  const copied = spawnSync('cp', ['-al', `${dirname(program)}/.`, runtime]);
  if (copied.status !== 0) throw new Error(`No copy of the runtime: ${String(copied.stderr)}`);
  await mkdir(join(runtime, 'resources'), { recursive: true });
  await rm(join(runtime, 'resources', 'app'), { force: true });
  await symlink(root, join(runtime, 'resources', 'app'));
  return {
    program: join(runtime, basename(program)),
    remove: () => rm(runtime, { recursive: true, force: true }),
  };
}

/** Starts the app and waits for its window. */
export async function launch(options: LaunchOptions = {}): Promise<Launched> {
  const layout = await packagedLayout();
  return launchProgram(layout.program, { ...options, removed: layout.remove });
}

/** Starts a program that has the app inside. */
export async function launchProgram(
  program: string,
  {
    args = [],
    home: given,
    cwd,
    env = { LAVI_NODE: process.execPath },
    removed = async () => {},
  }: LaunchOptions & { env?: Record<string, string>; removed?: () => Promise<void> } = {},
): Promise<Launched> {
  const home = given ?? (await mkdtemp(join(tmpdir(), 'lavi-electron-')));
  const app = await _electron.launch({
    executablePath: program,
    args: [...sandboxArgs, ...args],
    timeout: patience.wait,
    env: {
      ...process.env,
      LAVI_HOME: home,
      LANGUAGE: 'en',
      LC_ALL: 'en_US.UTF-8',
      ...env,
    } as Record<string, string>,
    ...(cwd && { cwd }),
  });
  const page = await app.firstWindow({ timeout: patience.wait });
  page.setDefaultTimeout(patience.wait);
  await page.waitForLoadState('load');
  return {
    ...{ app, page, home, program },
    async close() {
      await app.close();
      await removed();
      if (!given) await rm(home, { recursive: true, force: true });
    },
  };
}

/** Fails if anything in the page has broken its policy since it was loaded. */
export async function expectNoViolation(page: Page): Promise<void> {
  const violations = await page.evaluate(async () => {
    const found: string[] = [];
    const observer = new ReportingObserver(
      (reports) => {
        for (const { body } of reports) found.push(JSON.stringify(body));
      },
      { types: ['csp-violation'], buffered: true },
    );
    observer.observe();
    await new Promise((resolve) => setTimeout(resolve));
    for (const { body } of observer.takeRecords()) found.push(JSON.stringify(body));
    observer.disconnect();
    return found;
  });
  expect(violations).toEqual([]);
}
