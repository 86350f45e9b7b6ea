// `npm start` is the app: in a window of its own where Electron is to be had, else in the browser.
// `npm start -- desktop` and `npm start -- web` choose; other arguments are the command line's.
// npm runs scripts in the package's folder: paths on the command line belong to the caller's.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureAll, root } from './setup.mjs';

if (process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);
const [mode, ...rest] = process.argv.slice(2);

/** @returns {{ program: string } | { reason: string }} */
function findElectron() {
  const named = process.env.LAVI_ELECTRON;
  if (named) {
    const inside = join(named, 'electron');
    const program = existsSync(inside) ? inside : named;
    return existsSync(program) ? { program } : { reason: `there is no ${named} (LAVI_ELECTRON)` };
  }
  // Where the electron package put the program that it downloaded.
  const folder = join(root, 'node_modules', 'electron');
  const pathFile = join(folder, 'path.txt');
  const program = existsSync(pathFile)
    ? join(folder, 'dist', readFileSync(pathFile, 'utf8').trim())
    : '';
  return existsSync(program) ? { program } : { reason: 'Electron is not installed' };
}

/** @returns {string | undefined} why no window can be opened here */
function windowless() {
  if (process.platform !== 'linux') return undefined;
  if (!process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return 'there is no display';
  return process.getuid?.() === 0 ? 'Electron does not run as root' : undefined;
}

async function web() {
  ensureAll();
  await import(pathToFileURL(join(root, 'out', 'main', 'web.js')).href);
}

/** @param {string} program */
function desktop(program) {
  ensureAll();
  const env = { ...process.env, LAVI_NODE: process.execPath };
  const child = spawn(program, [root, ...rest], { stdio: 'inherit', env });
  child.on('error', (error) => {
    process.stderr.write(`lavi: ${program} could not be started: ${error.message}.\n`);
    process.exitCode = 1;
  });
  child.on('exit', (code) => (process.exitCode = code ?? 1));
}

if (mode === undefined || mode === 'desktop') {
  const found = findElectron();
  const reason = 'reason' in found ? found.reason : windowless();
  if ('program' in found && (mode === 'desktop' || !reason)) {
    desktop(found.program);
  } else if (mode === 'desktop') {
    process.stderr.write(`lavi: no window: ${reason}. npm start -- web opens the browser.\n`);
    process.exitCode = 1;
  } else {
    process.stderr.write(`lavi: in the browser, since ${reason}.\n`);
    await web();
  }
} else if (mode === 'web') {
  await web();
} else {
  await import('./lavi.mjs');
}
