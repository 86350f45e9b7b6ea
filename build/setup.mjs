// Everything a fresh clone needs before its first run. Only Node's own modules are used here, and
// only syntax that old Nodes parse, so that an old Node gets a sentence and not a stack trace.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
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

/**
 * One bundle: where its sources lie, what configures it (Vite, or a program that is given the folder to
 * fill), where it goes.
 *
 * @typedef {{ name: string, source: string[], config: string }} Bundle
 */

/** @type {Bundle[]} */
const bundles = [
  { name: 'main', source: ['src-main'], config: 'vite.config.ts' },
  {
    name: 'preload',
    source: ['src-main/shell', 'src-main/api'],
    config: 'vite.preload.config.ts',
  },
  {
    name: 'renderer',
    source: ['src-renderer', 'src-main/api'],
    config: 'src-renderer/vite.config.ts',
  },
  { name: 'icons', source: ['src-renderer/public'], config: 'build/icons.mjs' },
];

/**
 * A hash of all that a bundle depends on.
 *
 * @param {Bundle} bundle
 */
function sourceStamp({ source, config }) {
  const inputs = ['package.json', 'package-lock.json', config].map((name) => join(root, name));
  const paths = [...inputs, ...source.flatMap((folder) => filesUnder(join(root, folder)))];
  const hash = createHash('sha256');
  for (const path of paths.sort()) {
    hash
      .update(`${relative(root, path)}\0`)
      .update(readFileSync(path))
      .update('\0');
  }
  return hash.digest('hex');
}

/** @param {string} folder */
function builtStamp(folder) {
  const path = join(folder, 'stamp');
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** @param {{ force?: boolean }} [options] */
export function ensureBuild({ force = false } = {}) {
  for (const bundle of bundles) build(bundle, force);
}

/**
 * @param {Bundle} bundle
 * @param {boolean} force
 */
function build(bundle, force) {
  const folder = join(root, 'out', bundle.name);
  const stamp = sourceStamp(bundle);
  if (!force && builtStamp(folder) === stamp) return;
  say(`building ${bundle.name} …`);
  const fresh = `${folder}.new-${process.pid}`;
  const old = `${folder}.old-${process.pid}`;
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const args = bundle.config.endsWith('.mjs')
    ? [bundle.config, fresh]
    : [vite, 'build', '--config', bundle.config, '--outDir', fresh, '--logLevel', 'warn'];
  const result = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (result.status !== 0) {
    rmSync(fresh, { recursive: true, force: true });
    give('building failed.');
  }
  writeFileSync(join(fresh, 'stamp'), stamp);
  // Swapped whole, so that a run beside this one never sees half a build.
  mkdirSync(dirname(folder), { recursive: true });
  try {
    if (existsSync(folder)) renameSync(folder, old);
    renameSync(fresh, folder);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    // Another run may have put the same build there first.
    if (builtStamp(folder) !== stamp) throw error;
  }
  rmSync(old, { recursive: true, force: true });
}

export function ensureAll() {
  ensureNode();
  ensureModules();
  ensureBuild();
}
