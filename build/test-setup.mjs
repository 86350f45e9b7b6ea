// Run once before the tests that start the built command line.
export { ensureAll as setup } from './setup.mjs';
