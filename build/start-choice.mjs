// Which shell `npm start` opens. Nothing here looks at the machine: what it is like is told.

/** @import { FoundElectron } from './electron.mjs' */

/**
 * @typedef {object} Machine
 * @property {() => string | undefined} windowless why no window can be opened here
 * @property {() => FoundElectron} find Electron, as it lies here
 * @property {(options: { again: boolean }) => Promise<FoundElectron>} fetch
 */

/**
 * @typedef {{ shell: 'desktop', program: string }
 *   | { shell: 'web', reason?: string }
 *   | { shell: 'none', reason: string }
 *   | { shell: 'cli' }} Choice
 */

/**
 * @param {string | undefined} mode the first argument
 * @param {Machine} machine
 * @returns {Promise<Choice>}
 */
export async function chooseShell(mode, { windowless, find, fetch }) {
  if (mode === 'web') return { shell: 'web' };
  if (mode !== undefined && mode !== 'desktop') return { shell: 'cli' };
  const asked = mode === 'desktop';
  // Where no window can be opened nothing is fetched for it; who asks for one knows better.
  const no = asked ? undefined : windowless();
  if (no) return { shell: 'web', reason: no };
  let found = find();
  if (!('program' in found) && found.fetchable) found = await fetch({ again: asked });
  if ('program' in found) return { shell: 'desktop', program: found.program };
  return { shell: asked ? 'none' : 'web', reason: found.reason };
}

/**
 * What comes after a window that did not: the browser, unless a window was asked for.
 *
 * @param {string | undefined} mode
 * @param {string} reason
 * @returns {Extract<Choice, { shell: 'web' | 'none' }> & { reason: string }}
 */
export function afterDesktop(mode, reason) {
  return { shell: mode === 'desktop' ? 'none' : 'web', reason };
}

/**
 * Why no window can be opened.
 *
 * @param {{ platform: string, env: NodeJS.ProcessEnv, uid: number | undefined }} machine
 * @returns {string | undefined}
 */
export function windowless({ platform, env, uid }) {
  if (platform !== 'linux') return undefined;
  if (!env.DISPLAY && !env.WAYLAND_DISPLAY) return 'there is no display';
  // Its sandbox does not allow it, and that is not switched off.
  return uid === 0 ? 'Electron does not run as root' : undefined;
}
