// The licences of what a package carries: packages that run beside the bundle, and those inside it.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './setup.mjs';

/** Packages whose code is in the page's bundle, and what they depend on. */
const bundled = ['vue', 'pinia', 'vue-i18n', 'reka-ui'];

/** @param {string} path */
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

/**
 * Folders of packages, by what package.json files say they depend on; the nearest node_modules counts.
 *
 * @param {string[]} names
 * @param {string} [from] the folder of the package that depends on them
 * @param {Set<string>} [found]
 * @returns {Set<string>}
 */
function foldersOf(names, from = root, found = new Set()) {
  for (const name of names) {
    const places = [from, ...(from === root ? [] : [root])];
    const folder = places
      .map((place) => join(place, 'node_modules', name))
      .find((place) => existsSync(join(place, 'package.json')));
    // Optional ones of other platforms are not installed.
    if (!folder || found.has(folder)) continue;
    found.add(folder);
    const { dependencies = {}, optionalDependencies = {} } = readJson(join(folder, 'package.json'));
    foldersOf(Object.keys({ ...dependencies, ...optionalDependencies }), folder, found);
  }
  return found;
}

/**
 * The texts of all licences, a heading a package.
 *
 * @returns {string}
 */
export function notices() {
  const own = Object.keys(readJson(join(root, 'package.json')).dependencies);
  const parts = [...foldersOf([...own, ...bundled])].map((folder) => {
    const { name, version, license } = readJson(join(folder, 'package.json'));
    const texts = readdirSync(folder)
      .filter((file) => /^(licen[cs]e|notice|copying|third-?party)/i.test(file))
      .sort()
      .map((file) => readFileSync(join(folder, file), 'utf8').trim());
    const terms = typeof license === 'string' ? license : (license?.type ?? 'see its page');
    return { title: `${name} ${version} (${terms})`, text: texts.join('\n\n') };
  });
  parts.sort((a, b) => a.title.localeCompare(b.title));
  return parts
    .map(({ title, text }) => `${title}\n${'='.repeat(title.length)}\n\n${text}\n`)
    .join('\n\n');
}

/** @param {string} path */
export function writeNotices(path) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, notices());
}
