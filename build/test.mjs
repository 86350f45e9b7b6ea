// `npm test`: types, lint, formatting, then vitest. Every step runs, so one run shows all that is
// wrong; a step that passes says nothing. Arguments go to vitest: `npm test -- test/unit/jobs`.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureAll, root } from './setup.mjs';
import { ensureTestPackages } from './test-packages.mjs';

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

const report = join(root, 'out', 'test-report.json');
mkdirSync(join(root, 'out'), { recursive: true });
rmSync(report, { force: true });
const testsPassed = step('vitest/vitest.mjs', [
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...process.argv.slice(2),
]);

let passed = 0;
let failed = 0;
for (const [name, ok] of Object.entries(checks)) {
  if (ok) continue;
  console.log(`check failed: ${name}`);
  failed++;
}
if (existsSync(report)) {
  const result = JSON.parse(readFileSync(report, 'utf8'));
  passed = result.numPassedTests;
  failed += result.numFailedTests;
  // A file that breaks before its first test has no failed tests to count, only skipped ones.
  for (const { status, assertionResults } of result.testResults) {
    const tests = /** @type {{ status: string }[]} */ (assertionResults);
    if (status === 'failed' && !tests.some((test) => test.status === 'failed')) failed++;
  }
  if (result.numPendingTests > 0) console.log(`${result.numPendingTests} skipped`);
}
if (getBrowser) console.log(`The browser tests need Chromium. Run: ${getBrowser}`);
if (!testsPassed && failed === 0) failed = 1;
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
