import { roomsRule } from './eslint.rooms.js';

/** @import { Linter } from 'eslint' */

/**
 * A folder, and the folders outside it that its files may import. A room inside another room is one of
 * its own, with a list of its own.
 *
 * @typedef {{ folder: string, imports: string[] }} Room
 */

/**
 * @param {string} base
 * @param {string[]} names
 */
const under = (base, names) => names.map((name) => `${base}/${name}`);

/**
 * @param {string[]} folders
 * @param {string[]} imports
 * @returns {Room[]}
 */
const rooms = (folders, imports) => folders.map((folder) => ({ folder, imports }));

const api = ['src-main/api'];
const base = under('src-main', ['jobs', 'onnx', 'entropy', 'image']);
const codecs = under('src-main', ['rda', 'lossless', 'labels', 'colorize', 'latents']);
const features = ['compress', 'colorize', 'labels', 'latents'];
const engineRooms = under('src-main/engine', ['common', ...features]);
const below = [...codecs, ...base, ...api];

const sessionRooms = under('src-main/session', ['files', 'queue', ...features]);
const processes = ['src-main/session', ...sessionRooms, 'src-main/engine', ...below];

const shared = under('src-renderer', ['canvas', 'components', 'composables', 'library', 'i18n']);
const page = ['src-renderer', ...shared, ...api];
const workspaces = under('src-renderer/workspaces', features);

/** @type {Room[]} */
export const layers = [
  ...rooms(api, []),
  ...rooms(base, api),
  ...rooms(codecs, [...base, ...api]),
  // The engine's process. Its features meet in engine.ts alone.
  ...rooms(['src-main/engine'], [...engineRooms, ...below]),
  ...rooms(['src-main/engine/common'], below),
  ...rooms(under('src-main/engine', features), ['src-main/engine/common', ...below]),
  // The window's process: no pixels, no native library.
  ...rooms(
    ['src-main/session', ...sessionRooms],
    ['src-main/session', ...sessionRooms, 'src-main/jobs', ...api],
  ),
  // Work on many machines: sends jobs of the engine.
  ...rooms(['src-main/archive'], ['src-main/engine', ...engineRooms, ...below]),
  // What people start.
  ...rooms(['src-main/shell/process'], processes),
  ...rooms(under('src-main/shell', ['cli', 'web', 'electron']), [
    'src-main/shell/process',
    'src-main/archive',
    ...processes,
  ]),
  // The page. A workspace never imports another one.
  ...rooms(['src-renderer'], [...page, 'src-renderer/workspaces']),
  ...rooms(shared, page),
  ...rooms(['src-renderer/workspaces'], [...page, ...workspaces]),
  ...rooms(workspaces, page),
];

const nodeRooms = [...base, ...codecs, 'src-main/engine', 'src-main/session', 'src-main/archive'];

/**
 * Packages that only some rooms may import, by name.
 *
 * @type {Record<string, string[]>}
 */
export const owners = {
  sharp: ['src-main/image'],
  'onnxruntime-node': ['src-main/onnx'],
  electron: ['src-main/shell/electron'],
  'electron-log': ['src-main/shell/electron'],
  'electron-updater': ['src-main/shell/electron'],
  'node:': [...nodeRooms, 'src-main/shell'],
};

/** @type {Linter.Config[]} */
export const layerConfigs = [
  {
    files: ['src-main/**/*.ts', 'src-renderer/**/*.{ts,vue}'],
    plugins: { lavi: { rules: { rooms: roomsRule } } },
    rules: { 'lavi/rooms': ['error', { rooms: layers, owners }] },
  },
];
