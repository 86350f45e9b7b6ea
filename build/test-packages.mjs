// What the tests need from the system: a browser (which brings a software GPU) and a Vulkan loader.
// On Debian or Ubuntu as root they are installed; elsewhere the one command is named, and tests that
// cannot do without them fail.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Debian package → a file that shows it is there. */
const packages = {
  chromium: ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser'],
  libvulkan1: [
    '/usr/lib/x86_64-linux-gnu/libvulkan.so.1',
    '/usr/lib/aarch64-linux-gnu/libvulkan.so.1',
  ],
};

/** Installs the missing packages where that is possible. */
export function ensureTestPackages() {
  if (process.platform !== 'linux') return;
  const missing = Object.entries(packages)
    .filter(([, files]) => !files.some((file) => existsSync(file)))
    .filter(([name]) => !(name === 'chromium' && process.env.LAVI_CHROMIUM))
    .map(([name]) => name);
  if (missing.length === 0) return;
  const install = ['install', '-y', '--no-install-recommends', ...missing];
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    console.error(`For all tests to run: sudo apt-get ${install.join(' ')}`);
    return;
  }
  console.error(`Installing ${missing.join(', ')} for the tests …`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  /** @param {string[]} args */
  const apt = (args) => spawnSync('apt-get', ['-q', ...args], { env, encoding: 'utf8' });
  apt(['update']);
  const { status, stderr } = apt(install);
  if (status !== 0) console.error(`apt-get could not install them:\n${stderr}`);
}
