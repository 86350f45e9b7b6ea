// `npm start` is the app: in a window of its own where Electron is to be had, else in the browser.
// `npm start -- desktop` and `npm start -- web` choose; other arguments are the command line's.
// npm runs scripts in the package's folder: paths on the command line belong to the caller's.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fetchElectron, findElectron } from './electron.mjs';
import { ensureAll, ensureNode, root } from './setup.mjs';
import { chooseShell, windowless } from './start-choice.mjs';

ensureNode();
if (process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);
const [mode, ...rest] = process.argv.slice(2);

/** @param {string} program */
function desktop(program) {
  const env = { ...process.env, LAVI_NODE: process.execPath };
  const child = spawn(program, [root, ...rest], { stdio: 'inherit', env });
  child.on('error', (error) => {
    process.stderr.write(`lavi: ${program} could not be started: ${error.message}.\n`);
    process.exitCode = 1;
  });
  child.on('exit', (code) => (process.exitCode = code ?? 1));
}

const { platform, env } = process;
const choice = await chooseShell(mode, {
  windowless: () => windowless({ platform, env, uid: process.getuid?.() }),
  find: findElectron,
  fetch: fetchElectron,
});
if (choice.shell === 'cli') {
  await import('./lavi.mjs');
} else if (choice.shell === 'none') {
  process.stderr.write(`lavi: no window: ${choice.reason}. npm start -- web opens the browser.\n`);
  process.exitCode = 1;
} else {
  if ('reason' in choice) process.stderr.write(`lavi: in the browser, since ${choice.reason}.\n`);
  ensureAll();
  if (choice.shell === 'desktop') desktop(choice.program);
  else await import(pathToFileURL(join(root, 'out', 'main', 'web.js')).href);
}
