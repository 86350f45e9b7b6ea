// Runs a TypeScript program of this folder: `node test/run.mjs bench/rd.ts --images DIR`. Node 20
// knows no types, and a bundle (unlike a loader) leaves nothing in memory that a measurement of
// peak RSS would count. The bundle lies in .cache/run, packages stay outside it.
import { spawnSync } from 'node:child_process';
import { basename, join, resolve } from 'node:path';
import { ensureModules, ensureNode, root } from '../build/setup.mjs';

ensureNode();
ensureModules();
const { build } = await import('vite');
const here = join(root, 'test');
const [entry, ...args] = process.argv.slice(2);
if (!entry) throw new Error('Expected a program, such as bench/rd.ts.');

const outDir = join(root, '.cache', 'run');
const name = basename(entry, '.ts');
await build({
  configFile: false,
  root,
  logLevel: 'error',
  build: {
    ssr: resolve(here, entry),
    outDir,
    emptyOutDir: false,
    target: 'node20',
    minify: false,
    rolldownOptions: { output: { entryFileNames: `${name}.mjs`, codeSplitting: false } },
  },
});
const run = spawnSync(process.execPath, [join(outDir, `${name}.mjs`), ...args], {
  stdio: 'inherit',
});
process.exitCode = run.status ?? 1;
