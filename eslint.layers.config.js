/** @import { Linter } from 'eslint' */

/**
 * The rooms of src-main and what each may import, outermost first. A room sees only rooms of later
 * layers, so a change inside a layer can never be felt by the layers under it.
 *
 * @type {string[][]}
 */
const layers = [
  ['shell'],
  ['engine'],
  ['app'],
  ['rda', 'labels', 'colorize', 'latents'],
  ['jobs', 'onnx', 'entropy', 'image'],
  ['api'],
];

/**
 * Packages with one owner: everything else goes through that room.
 *
 * @type {Record<string, string>}
 */
const owners = { sharp: 'image', 'onnxruntime-node': 'onnx' };

const electronFiles = ['electron*', 'preload', 'menu'].map((name) => `src-main/shell/${name}.ts`);

/** @typedef {{ regex: string, message: string }} Ban */

/**
 * Bans static imports and `import()` alike: the core rule sees only the former.
 *
 * @param {string[]} files
 * @param {Ban[]} list
 * @param {string[]} [ignores]
 * @returns {Linter.Config}
 */
function bans(files, list, ignores = []) {
  return {
    files,
    ignores,
    rules: {
      'no-restricted-imports': ['error', { patterns: list }],
      'no-restricted-syntax': [
        'error',
        ...list.map(({ regex, message }) => ({
          selector: `ImportExpression[source.value=/${regex.replaceAll('/', '\\/')}/]`,
          message,
        })),
      ],
    },
  };
}

/**
 * @param {string} name
 * @param {string} message
 * @returns {Ban}
 */
function packageBan(name, message) {
  return { regex: `^${name}(/|$)`, message };
}

/**
 * @param {string} room
 * @param {number} depth index of the room's layer
 * @returns {Ban[]}
 */
function roomBans(room, depth) {
  const forbidden = layers
    .slice(0, depth + 1)
    .flat()
    .filter((other) => other !== room);
  /** @type {Ban[]} */
  const list = [];
  if (forbidden.length > 0) {
    list.push({
      // The file api/app.ts shares its name with a room.
      regex: `^\\.{1,2}/(.*/)?(?<!/api/|^\\./(?=app$))(${forbidden.join('|').replace('engine', 'engine[\\w-]*')})(/|$)`,
      message: `src-main/${room} must not import from rooms beside or above it (see CONTRIBUTING.md).`,
    });
  }
  list.push({ regex: 'src-renderer(/|$)', message: 'src-main must not import the renderer.' });
  for (const [name, owner] of Object.entries(owners)) {
    if (owner !== room) list.push(packageBan(name, `Only src-main/${owner} imports ${name}.`));
  }
  return list;
}

const electronBan = packageBan(
  'electron',
  'Only shell/{electron*,preload,menu}.ts import electron.',
);

/** @type {Linter.Config[]} */
export const layerConfigs = [
  ...layers.flatMap((rooms, depth) =>
    rooms.map((room) =>
      bans(
        room === 'engine' ? ['src-main/engine*.ts'] : [`src-main/${room}/**/*.ts`],
        [...roomBans(room, depth), electronBan],
        electronFiles,
      ),
    ),
  ),
  bans(electronFiles, roomBans('shell', 0)),
  bans(
    ['src-renderer/**/*.{ts,vue}'],
    [
      {
        regex: 'src-main/(?!api(/|$))',
        message: 'The renderer imports src-main/api alone.',
      },
      ...Object.entries(owners).map(([name, owner]) =>
        packageBan(name, `Only src-main/${owner} imports ${name}.`),
      ),
      electronBan,
      packageBan('node:.*', 'The renderer runs in a page: no Node modules.'),
    ],
  ),
];
