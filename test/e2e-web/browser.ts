import type { Browser } from 'playwright-core';
import { chromium } from 'playwright-core';
import { findBrowser } from '../../build/browser.mjs';

/** LAVI_CHROMIUM, or a Chrome or Chromium that is installed. */
export function chromiumPath(): string {
  const path = findBrowser();
  if (path) return path;
  throw new Error('The browser tests need Chromium; npm test gets it, or says how.');
}

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath(),
    // Root in a container cannot use Chromium's sandbox; the pages here are our own.
    args: ['--no-sandbox', '--force-color-profile=srgb', '--disable-lcd-text'],
  });
}
