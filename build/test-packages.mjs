// What the tests need from the system: a browser (which brings a software GPU) and a Vulkan loader. On
// Debian or Ubuntu as root they are installed; a browser is else fetched by Playwright. Where neither
// works, the one command to run is named.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './setup.mjs';

const vulkan = [
  '/usr/lib/x86_64-linux-gnu/libvulkan.so.1',
  '/usr/lib/aarch64-linux-gnu/libvulkan.so.1',
];

/**
 * Gets what is missing where that is possible.
 *
 * @returns {Promise<string | undefined>} the command that would get the browser, where there is none
 */
export async function ensureTestPackages() {
  // Packages are installed only now.
  const { fetchBrowser, findBrowser } = await import('./browser.mjs');
  const missing = [
    ...(findBrowser() ? [] : ['chromium']),
    ...(process.platform === 'linux' && !vulkan.some((path) => existsSync(path))
      ? ['libvulkan1']
      : []),
  ];
  if (missing.length === 0) return undefined;
  const install = ['install', '-y', '--no-install-recommends', ...missing];
  const hasApt = existsSync('/usr/bin/apt-get');
  if (hasApt && process.getuid?.() === 0) {
    console.error(`Installing ${missing.join(', ')} for the tests …`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    /** @param {string[]} args */
    const apt = (args) => spawnSync('apt-get', ['-q', ...args], { env, encoding: 'utf8' });
    apt(['update']);
    const { status, stderr } = apt(install);
    if (status !== 0) console.error(`apt-get could not install them:\n${stderr}`);
  }
  if (!findBrowser()) {
    console.error('Fetching Chromium for the tests (once) …');
    const cli = join(root, 'node_modules', 'playwright-core', 'cli.js');
    spawnSync(process.execPath, [cli, ...fetchBrowser.slice(1)], { stdio: ['ignore', 2, 2] });
  }
  if (findBrowser()) return undefined;
  return hasApt ? `sudo apt-get ${install.join(' ')}` : `npx ${fetchBrowser.join(' ')}`;
}
