import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { expect } from '../e2e';
import { patience } from '../patience';

interface Options {
  width?: number;
  height?: number;
  theme?: 'light' | 'dark';
}

export interface WatchedPage {
  page: Page;
  /** Fails if the page broke its policy, threw, or wrote an error to its console. */
  expectClean: () => Promise<void>;
}

const watch = `
  window.violations = [];
  addEventListener('securitypolicyviolation', (event) => {
    violations.push(event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sample);
  });
`;

export async function openPage(
  browser: Browser,
  { width = 1280, height = 800, theme = 'light' }: Options = {},
): Promise<WatchedPage> {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: theme });
  page.setDefaultTimeout(patience.wait);
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  await page.addInitScript({ content: watch });
  return {
    page,
    async expectClean() {
      expect(await page.evaluate('violations')).toEqual([]);
      expect(errors).toEqual([]);
    },
  };
}

interface AxeResult {
  violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[];
}

/** Fails with every serious or critical violation that axe-core finds in what the page shows now. */
export async function expectAccessible(page: Page): Promise<void> {
  const path = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
  await page.evaluate(await readFile(path, 'utf8'));
  const { violations } = await page.evaluate<AxeResult>('axe.run()');
  const serious = violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html.slice(0, 200))]);
  expect(serious).toEqual([]);
}
