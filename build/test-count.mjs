// What the reports of the two test runners come to.

/**
 * @typedef {object} Count
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {number} again passed on the second try only; counted as passed too
 */

/**
 * @param {{ numPassedTests: number, numFailedTests: number, numPendingTests: number,
 *   testResults: { status: string, assertionResults: { status: string }[] }[] }} report of Vitest
 * @returns {Count}
 */
export function countVitest({ numPassedTests, numFailedTests, numPendingTests, testResults }) {
  // A file that breaks before its first test has no failed tests to count, only skipped ones.
  const broken = testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  const failed = numFailedTests + broken.length;
  return { passed: numPassedTests, failed, skipped: numPendingTests, again: 0 };
}

/**
 * @param {{ stats: { expected: number, unexpected: number, flaky: number, skipped: number },
 *   errors?: unknown[] }} report of Playwright; errors are those outside any test
 * @returns {Count}
 */
export function countPlaywright({ stats, errors = [] }) {
  const { expected, unexpected, flaky, skipped } = stats;
  return { passed: expected + flaky, failed: unexpected + errors.length, skipped, again: flaky };
}

const drivesPage = /(^|\/)e2e-(web|electron)(\/|$)/;

/**
 * Which runners run, and with what: all tests where no path is named.
 *
 * @param {string[]} asked arguments of `npm test`
 * @returns {{ vitest?: string[], playwright?: string[] }}
 */
export function runnersOf(asked) {
  const paths = asked.filter((one) => !one.startsWith('-'));
  if (paths.length === 0) return { vitest: asked, playwright: [] };
  const pages = paths.filter((path) => drivesPage.test(path));
  const others = asked.filter((one) => !pages.includes(one));
  return {
    ...(pages.length < paths.length && { vitest: others }),
    ...(pages.length > 0 && { playwright: pages }),
  };
}
