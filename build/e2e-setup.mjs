// Run once before the tests that drive a page.
export { ensureAll as default } from './setup.mjs';
