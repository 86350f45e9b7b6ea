import { defineConfig } from '@playwright/test';
import { patience } from './test/patience';

/** Tests that drive a page: `npx playwright test --project e2e-web` runs those in the browser alone. */
export default defineConfig({
  testDir: 'test',
  outputDir: 'out/e2e',
  projects: ['e2e-web', 'e2e-electron'].map((name) => ({
    name,
    testMatch: `${name}/**/*.test.ts`,
  })),
  globalSetup: './build/e2e-setup.mjs',
  workers: 2,
  // Reported where it helped, and with the trace of what failed first.
  retries: 1,
  timeout: patience.test,
  expect: { timeout: patience.wait },
  use: { trace: 'retain-on-failure', screenshot: 'only-on-failure' },
  reporter: [['list'], ['json', { outputFile: 'out/e2e-report.json' }]],
});
