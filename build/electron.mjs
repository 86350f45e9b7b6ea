// Where Electron's program is, and how it comes here where it is not.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesUnder, root } from './setup.mjs';

/** So long nothing may arrive before fetching is given up. */
const STALLED_AFTER_MS = 20_000;
/** After a failure the next attempt waits: a start should not stall every time. */
const TRY_AGAIN_AFTER_MS = 24 * 60 * 60 * 1000;

/** Where its program is downloaded to: the package itself brings none. */
const downloads = join(root, '.cache', 'electron');

/**
 * A program, or why there is none; `fetchable` where fetching it could help.
 *
 * @typedef {{ program: string } | { reason: string, fetchable: boolean }} FoundElectron
 */

/**
 * The program named by LAVI_ELECTRON (itself, or the folder it lies in), or the electron package's own.
 *
 * @param {NodeJS.ProcessEnv} [env]
 * @param {string} [install] the folder that holds node_modules/electron
 * @returns {FoundElectron}
 */
export function findElectron(env = process.env, install = root) {
  const named = env.LAVI_ELECTRON;
  if (named) {
    const inside = join(named, 'electron');
    const program = existsSync(inside) ? inside : named;
    if (existsSync(program)) return { program };
    return { reason: `there is no ${named} (LAVI_ELECTRON)`, fetchable: false };
  }
  const folder = join(install, 'node_modules', 'electron');
  // Where the package's own installer put the program, once it did.
  const pathFile = join(folder, 'path.txt');
  if (existsSync(pathFile)) {
    const program = join(folder, 'dist', readFileSync(pathFile, 'utf8').trim());
    if (existsSync(program)) return { program };
  }
  return { reason: 'Electron is not installed', fetchable: true };
}

/**
 * Fetches Electron by its package's own installer, which checks what it downloads. Packages must be
 * installed.
 *
 * @param {{ again?: boolean }} [options] try even where it failed a short while ago
 * @returns {Promise<FoundElectron>}
 */
export async function fetchElectron({ again = false } = {}) {
  const failed = join(downloads, 'failed');
  if (!again && existsSync(failed)) {
    const { mtimeMs } = statSync(failed);
    if (Date.now() - mtimeMs < TRY_AGAIN_AFTER_MS) {
      const why = readFileSync(failed, 'utf8');
      return { reason: `${why}; npm start -- desktop tries again`, fetchable: false };
    }
  }
  process.stderr.write('lavi: fetching Electron (once, about 100 MB) …\n');
  const temporary = join(downloads, 'tmp');
  mkdirSync(temporary, { recursive: true });
  // What it downloads goes through this folder, where its growth is seen.
  const places = { TMPDIR: temporary, TEMP: temporary, TMP: temporary };
  const installer = join(root, 'node_modules', 'electron', 'install.js');
  const why = await runWatched([process.execPath, installer], {
    folder: downloads,
    env: { ...process.env, ...places, electron_config_cache: join(downloads, 'cache') },
    stalledAfterMs: STALLED_AFTER_MS,
  });
  rmSync(temporary, { recursive: true, force: true });
  if (!why) return findElectron();
  const reason = `Electron could not be fetched (${why})`;
  writeFileSync(failed, reason);
  return { reason, fetchable: false };
}

/**
 * Runs a program that fills a folder, and ends it where the folder no longer grows.
 *
 * @param {string[]} command
 * @param {{ folder: string, stalledAfterMs: number, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<string | undefined>} why it failed
 */
export function runWatched([program = '', ...args], { folder, stalledAfterMs, env = process.env }) {
  const child = spawn(program, args, { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (text) => (said += text));
  let bytes = bytesUnder(folder);
  let grewAt = Date.now();
  let stalled = false;
  const watch = setInterval(
    () => {
      const now = bytesUnder(folder);
      if (now !== bytes) grewAt = Date.now();
      bytes = now;
      if (Date.now() - grewAt < stalledAfterMs) return;
      stalled = true;
      child.kill('SIGKILL');
    },
    Math.min(1000, stalledAfterMs / 4),
  );
  return new Promise((resolve) => {
    /** @param {string | undefined} reason */
    const end = (reason) => {
      clearInterval(watch);
      resolve(reason);
    };
    child.on('error', (error) => end(error.message));
    child.on('exit', (code) => {
      if (stalled) end(`nothing arrived for ${stalledAfterMs / 1000} seconds`);
      else end(code === 0 ? undefined : (said.trim().split('\n')[0] ?? `it ended with ${code}`));
    });
  });
}

/** @param {string} folder */
function bytesUnder(folder) {
  let bytes = 0;
  try {
    // Files come and go while they are counted: the next count is right again.
    for (const path of filesUnder(folder)) bytes += statSync(path).size;
  } catch {
    bytes++;
  }
  return bytes;
}
