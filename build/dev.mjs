// `npm run dev` is the app with hot reload: in a window where Electron is to be had, else in the browser.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fetchElectron, findElectron } from './electron.mjs';
import { ensureBuild, ensureModules, ensureNode, root } from './setup.mjs';
import { chooseShell, windowless } from './start-choice.mjs';

ensureNode();
ensureModules();
const { platform, env } = process;
const [mode] = process.argv.slice(2);
const choice = await chooseShell(mode === 'web' ? 'web' : undefined, {
  windowless: () => windowless({ platform, env, uid: process.getuid?.() }),
  find: findElectron,
  fetch: fetchElectron,
});

/** Changes of the main process's code start the window anew, those of the page are swapped in it. */
if (choice.shell === 'desktop') {
  const vite = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
  const child = spawn(process.execPath, [vite, 'dev', '--watch'], {
    cwd: root,
    stdio: 'inherit',
    env: { ...env, ELECTRON_EXEC_PATH: choice.program, LAVI_NODE: process.execPath },
  });
  child.on('exit', (code) => (process.exitCode = code ?? 1));
} else {
  if ('reason' in choice) console.error(`lavi: in the browser, since ${choice.reason}.`);
  ensureBuild();
  const { resolveConfig } = await import('electron-vite');
  const { createServer } = await import('vite');
  const { config } = await resolveConfig({ root }, 'serve', 'development');
  const server = await createServer(config?.renderer);
  await server.listen().catch((error) => {
    console.error(`lavi: the development server could not start: ${error.message}.`);
    process.exit(1);
  });
  process.env.ELECTRON_RENDERER_URL = server.resolvedUrls?.local[0];
  await import(pathToFileURL(join(root, 'out', 'main', 'web.js')).href);
}
