// `npm start` is the app: in a window of its own where Electron is to be had and runs, else in the browser.
// `npm start -- desktop` and `npm start -- web` choose; other arguments are the command line's.
// npm runs scripts in the package's folder: paths on the command line belong to the caller's.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runDesktop } from './desktop.mjs';
import { fetchElectron, findElectron } from './electron.mjs';
import { ensureAll, ensureModules, ensureNode, root } from './setup.mjs';
import { afterDesktop, chooseShell, windowless } from './start-choice.mjs';

ensureNode();
if (process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);
const [mode, ...rest] = process.argv.slice(2);

/** @param {string} text */
const say = (text) => process.stderr.write(`lavi: ${text}\n`);

const { platform, env } = process;
let choice = await chooseShell(mode, {
  windowless: () => windowless({ platform, env, uid: process.getuid?.() }),
  find: findElectron,
  fetch(options) {
    ensureModules();
    return fetchElectron(options);
  },
});
if (choice.shell === 'cli') {
  await import('./lavi.mjs');
} else {
  if (choice.shell !== 'none') ensureAll();
  if (choice.shell === 'desktop') {
    const own = { ...env, LAVI_NODE: process.execPath };
    const ended = await runDesktop(choice.program, [root, ...rest], own);
    if ('code' in ended) process.exit(ended.code);
    choice = afterDesktop(mode, ended.reason);
  }
  if (choice.shell === 'none') {
    say(`no window: ${choice.reason}. npm start -- web opens the browser.`);
    process.exitCode = 1;
  } else {
    if ('reason' in choice) say(`in the browser, since ${choice.reason}.`);
    await import(pathToFileURL(join(root, 'out', 'main', 'web.js')).href);
  }
}
