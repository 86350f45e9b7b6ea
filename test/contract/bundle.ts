import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** Bundles an entry beside this file for plain Node, as the product's own entries are. */
export async function bundle(entry: string): Promise<string> {
  const here = dirname(fileURLToPath(import.meta.url));
  const outDir = join(here, '../../out/test', `${entry}-${process.pid}`);
  await build({
    configFile: false,
    logLevel: 'warn',
    build: {
      ssr: true,
      outDir,
      emptyOutDir: true,
      target: 'node20',
      rolldownOptions: { input: { [entry]: join(here, `${entry}.ts`) } },
    },
  });
  return join(outDir, `${entry}.js`);
}
