import { posix, relative } from 'node:path';

/** @import { Rule } from 'eslint' */
/** @import { Room } from './eslint.layers.config.js' */

const root = import.meta.dirname;

/** @param {string} path */
const slashes = (path) => path.replaceAll('\\', '/');

/**
 * The room that a path of the repository lies in: the longest folder named that holds it.
 *
 * @param {Room[]} rooms
 * @param {string} path
 */
function roomOf(rooms, path) {
  const holds = rooms.filter(({ folder }) => path === folder || path.startsWith(`${folder}/`));
  return holds.sort((a, b) => b.folder.length - a.folder.length)[0];
}

/**
 * What is wrong with an import, or undefined.
 *
 * @param {Room[]} rooms
 * @param {Record<string, string[]>} owners package name (`node:` for Node's own) → rooms that may import it
 * @param {string} file path of the importing file, from the repository's root
 * @param {string} source what is imported, as it is written
 * @returns {string | undefined}
 */
export function complaintAbout(rooms, owners, file, source) {
  const from = roomOf(rooms, file);
  if (!from) {
    return file.startsWith('src-')
      ? `${file} lies in no room: name its folder in eslint.layers.config.js.`
      : undefined;
  }
  if (!source.startsWith('.')) {
    const name = source.startsWith('node:')
      ? 'node:'
      : source.split('/', source.startsWith('@') ? 2 : 1).join('/');
    const allowed = owners[name];
    if (!allowed || allowed.some((folder) => `${from.folder}/`.startsWith(`${folder}/`))) {
      return undefined;
    }
    return `${from.folder} must not import ${source}: only ${allowed.join(', ')} may.`;
  }
  const target = posix.join(posix.dirname(file), source);
  const to = roomOf(rooms, target);
  if (!to || to === from || from.imports.includes(to.folder)) return undefined;
  return `${from.folder} must not import ${to.folder} (see CONTRIBUTING.md).`;
}

/**
 * Refuses imports, re-exports and `import()` that go from one room to another that it may not see.
 *
 * @type {Rule.RuleModule}
 */
export const roomsRule = {
  meta: { type: 'problem', schema: [{ type: 'object' }] },
  create(context) {
    const { rooms, owners } = context.options[0];
    const file = slashes(relative(root, context.filename));
    /** @param {Rule.Node & { source?: any }} node */
    const check = (node) => {
      const source = node.source?.value;
      if (typeof source !== 'string') return;
      const message = complaintAbout(rooms, owners, file, source);
      if (message) context.report({ node, message });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
    };
  },
};
