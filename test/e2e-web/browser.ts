import { existsSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { chromium } from 'playwright-core';

const known = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/opt/google/chrome/chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** LAVI_CHROMIUM, or a Chrome or Chromium that is installed. */
export function chromiumPath(): string {
  const path = [process.env.LAVI_CHROMIUM, ...known].find((one) => one && existsSync(one));
  if (path) return path;
  throw new Error(
    'The browser tests need Chromium: run "apt-get install -y chromium" (Debian), or name one in LAVI_CHROMIUM.',
  );
}

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath(),
    // Root in a container cannot use Chromium's sandbox; the pages here are our own.
    args: ['--no-sandbox', '--force-color-profile=srgb', '--disable-lcd-text'],
  });
}
