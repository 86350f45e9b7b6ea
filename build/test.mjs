// `npm test`: types, lint, formatting, then Vitest, then Playwright. Every step runs, so one run shows all
// that is wrong; a step that passes says nothing. Paths choose tests: `npm test -- test/unit/jobs`.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureAll, root } from './setup.mjs';
import { ensureTestPackages } from './test-packages.mjs';
import { countPlaywright, countVitest, runnersOf } from './test-count.mjs';

ensureAll();
const getBrowser = await ensureTestPackages();

/**
 * @param {string} script path under node_modules
 * @param {string[]} args
 * @returns {boolean} whether it passed
 */
function step(script, args) {
  const path = join(root, 'node_modules', script);
  return spawnSync(process.execPath, [path, ...args], { cwd: root, stdio: 'inherit' }).status === 0;
}

const checks = {
  types: step('typescript/bin/tsc', ['-b']),
  'types of the page': step('vue-tsc/bin/vue-tsc.js', ['-p', 'tsconfig.renderer.json']),
  lint: step('eslint/bin/eslint.js', ['.', '--max-warnings', '0']),
  'a browser to test with': getBrowser === undefined,
  formatting: step('prettier/bin/prettier.cjs', ['--check', '--log-level', 'warn', '.']),
};

/**
 * Runs tests and counts them.
 *
 * @param {string} script
 * @param {string[]} args
 * @param {string} name of the report in out/
 * @param {(report: any) => import('./test-count.mjs').Count} count
 * @returns {import('./test-count.mjs').Count}
 */
function run(script, args, name, count) {
  const report = join(root, 'out', name);
  mkdirSync(join(root, 'out'), { recursive: true });
  rmSync(report, { force: true });
  const passed = step(script, args);
  const counted = existsSync(report)
    ? count(JSON.parse(readFileSync(report, 'utf8')))
    : { passed: 0, failed: 0, skipped: 0, again: 0 };
  // What breaks outside any test is a failure too.
  return passed || counted.failed > 0 ? counted : { ...counted, failed: 1 };
}

const asked = process.argv.slice(2);
const runners = runnersOf(asked);
/** @type {import('./test-count.mjs').Count[]} */
const counts = [];
if (runners.vitest) {
  const report = '--outputFile.json=out/test-report.json';
  const args = ['run', '--reporter=default', '--reporter=json', report, ...runners.vitest];
  counts.push(run('vitest/vitest.mjs', args, 'test-report.json', countVitest));
}
if (runners.playwright) {
  const args = ['test', ...runners.playwright];
  counts.push(run('@playwright/test/cli.js', args, 'e2e-report.json', countPlaywright));
}

/** @param {'passed' | 'failed' | 'skipped' | 'again'} what */
const sum = (what) => counts.reduce((total, one) => total + one[what], 0);
let failed = sum('failed');
for (const [name, ok] of Object.entries(checks)) {
  if (ok) continue;
  console.log(`check failed: ${name}`);
  failed++;
}
if (sum('skipped') > 0) console.log(`${sum('skipped')} skipped`);
if (sum('again') > 0) {
  console.log(`${sum('again')} of those passed on their second try only (traces in out/e2e)`);
}
if (getBrowser) console.log(`The browser tests need Chromium. Run: ${getBrowser}`);
console.log(`${sum('passed')} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
