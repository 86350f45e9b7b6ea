// Everything a fresh clone needs before its first run. Only Node's own modules are used here, and
// only syntax that old Nodes parse, so that an old Node gets a sentence and not a stack trace.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** @param {string} text */
function say(text) {
  process.stderr.write(`lavi: ${text}\n`);
}

/**
 * Ends the process: set-up failed and nothing after it can work.
 *
 * @param {string} text
 * @returns {never}
 */
function give(text) {
  say(text);
  process.exit(1);
}

export function ensureNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const supported = major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19);
  if (!supported) {
    give(`needs Node 20.19 or later, 22.12 or later, or 24; found ${process.versions.node}.`);
  }
}

/** @param {string} path */
function lockedPackages(path) {
  return JSON.parse(readFileSync(path, 'utf8')).packages;
}

/** Compares what is installed with what is locked by content: file times lie after a clone. */
function modulesMatchLock() {
  const installedPath = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedPath)) return false;
  const installed = lockedPackages(installedPath);
  return Object.entries(lockedPackages(join(root, 'package-lock.json'))).every(
    ([path, wanted]) =>
      path === '' ||
      (wanted.optional && !installed[path]) ||
      installed[path]?.version === wanted.version,
  );
}

/**
 * Under npm the very npm that called us; a bare npm would fail on some Windows shells.
 *
 * @returns {[command: string, ...args: string[]]}
 */
export function npmCommand() {
  const npmCli = process.env.npm_execpath;
  return npmCli ? [process.execPath, npmCli] : ['npm'];
}

export function ensureModules() {
  if (modulesMatchLock()) return;
  say('installing packages (once) …');
  const [command, ...args] = npmCommand();
  const result = spawnSync(command, [...args, 'ci', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    // onnxruntime-node's install step fetches CUDA libraries from outside the registry.
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
  });
  if (result.status !== 0) {
    give(`installing packages failed${result.error ? ` (${result.error.message})` : ''}.`);
  }
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
export function filesUnder(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesUnder(path) : [path];
  });
}

/** What a build depends on: configuration, sources, and how icons are drawn. */
const inputs = ['package.json', 'package-lock.json', 'electron.vite.config.ts', 'build/icons.mjs'];
const sources = ['src-main', 'src-renderer'];
/** What a build makes, each a folder of out/. */
const outputs = ['preload', 'renderer', 'icons', 'main'];

/** A hash of all that a build depends on. */
function sourceStamp() {
  const paths = [
    ...inputs.map((name) => join(root, name)),
    ...sources.flatMap((folder) => filesUnder(join(root, folder))),
  ];
  const hash = createHash('sha256');
  for (const path of paths.sort()) {
    hash
      .update(`${relative(root, path)}\0`)
      .update(readFileSync(path))
      .update('\0');
  }
  return hash.digest('hex');
}

/** Of the build that lies in out/; it goes with out/main, which `npm run dev` fills too. */
function builtStamp() {
  const path = join(root, 'out', 'main', 'stamp');
  const whole = outputs.every((name) => existsSync(join(root, 'out', name)));
  return whole && existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/**
 * Builds everything into out/ where sources have changed.
 *
 * @param {{ force?: boolean }} [options]
 */
export function ensureBuild({ force = false } = {}) {
  const stamp = sourceStamp();
  if (!force && builtStamp() === stamp) return;
  say('building …');
  const fresh = join(root, 'out', `new-${process.pid}`);
  const vite = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
  const steps = [
    [vite, 'build', '--outDir', fresh, '--logLevel', 'warn'],
    [join(root, 'build', 'icons.mjs'), join(fresh, 'icons')],
  ];
  for (const step of steps) {
    const result = spawnSync(process.execPath, step, { cwd: root, stdio: ['ignore', 2, 2] });
    if (result.status === 0) continue;
    rmSync(fresh, { recursive: true, force: true });
    give('building failed.');
  }
  writeFileSync(join(fresh, 'main', 'stamp'), stamp);
  for (const name of outputs) swap(join(root, 'out', name), join(fresh, name), stamp);
  rmSync(fresh, { recursive: true, force: true });
}

/**
 * Puts a folder in another's place, whole, so that a run beside this one never sees half a build.
 *
 * @param {string} folder
 * @param {string} fresh
 * @param {string} stamp
 */
function swap(folder, fresh, stamp) {
  const old = `${folder}.old-${process.pid}`;
  try {
    if (existsSync(folder)) renameSync(folder, old);
    renameSync(fresh, folder);
  } catch (error) {
    // Another run may have put the same build there first.
    if (builtStamp() !== stamp) throw error;
  }
  rmSync(old, { recursive: true, force: true });
}

export function ensureAll() {
  ensureNode();
  ensureModules();
  ensureBuild();
}
