import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { LogFile } from '../process/log-file';
import { openSession } from '../process/open-session';
import { packageRoot, workerScript } from '../process/paths';
import { userFolders } from '../process/user-folders';
import { serveWeb } from './server';

/** The app in a browser. Run as a program: serves until it is interrupted. */

const out = join(packageRoot(), 'out');
const log = new LogFile(join(userFolders().logs, 'web.log'));
const session = await openSession('web', { script: workerScript(), log });
const server = await serveWeb({
  session,
  renderer: join(out, 'renderer'),
  onRefused: ({ message }) => log.write('message refused', { message }),
});

/** The default browser's opener; undefined where there is no display to open it on. */
function opener(): [command: string, args: string[]] | undefined {
  const { address } = server;
  if (process.platform === 'win32') return ['explorer.exe', [address]];
  if (process.platform === 'darwin') return ['open', [address]];
  const display = process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY'];
  const found = ['/usr/bin/xdg-open', '/usr/local/bin/xdg-open'].find((path) => existsSync(path));
  return display && found ? [found, [address]] : undefined;
}

const say = (text: string) => process.stdout.write(`${text}\n`);

const open = process.argv.includes('--no-open') ? undefined : opener();
if (open) {
  const browser = spawn(open[0], open[1], { stdio: 'ignore', detached: true });
  browser.on('error', () => say('No browser could be started: open the address by hand.'));
  browser.unref();
}
say(open ? 'Lavi opens in your browser. If not, open (once):' : 'Open Lavi in a browser (once):');
say(`  ${server.address}`);
say('Ctrl-C ends it.');

let leaving = false;
async function leave(code: number): Promise<void> {
  // Asked twice, it does not wait for anything.
  if (leaving) process.exit(code);
  leaving = true;
  await server.close();
  await session.close();
  process.exit(code);
}
process.on('SIGINT', () => void leave(130));
process.on('SIGTERM', () => void leave(143));
process.on('SIGHUP', () => void leave(129));
process.on('exit', () => session.folders.remove());
