// The browser that the tests drive: named, installed, or Playwright's own.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const installed = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/opt/google/chrome/chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** What gets one where there is none; Playwright checks what it downloads. */
export const fetchBrowser = ['playwright-core', 'install', 'chromium'];

/**
 * LAVI_CHROMIUM, a Chrome or Chromium that is installed, or one that Playwright downloaded.
 *
 * @param {NodeJS.ProcessEnv} [env]
 * @param {string[]} [places] where to look
 * @returns {string | undefined} undefined if there is none
 * @throws Error if LAVI_CHROMIUM names none
 */
export function findBrowser(env = process.env, places = [...installed, chromium.executablePath()]) {
  const named = env.LAVI_CHROMIUM;
  if (named && !existsSync(named)) throw new Error(`There is no ${named} (LAVI_CHROMIUM).`);
  return named || places.find((path) => existsSync(path));
}
