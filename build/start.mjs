// `npm start` is the app, `npm start -- web` the same; any other arguments are the command line's.
// npm runs scripts in the package's folder: paths on the command line belong to the caller's.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureAll, root } from './setup.mjs';

if (process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);
const [first] = process.argv.slice(2);
if (first === undefined || first === 'web') {
  ensureAll();
  await import(pathToFileURL(join(root, 'out', 'main', 'web.js')).href);
} else {
  await import('./lavi.mjs');
}
