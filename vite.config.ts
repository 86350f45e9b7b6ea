import { defineConfig } from 'vite';

/**
 * Bundles the shells that run in plain Node. Packages stay outside the bundle, since sharp and
 * onnxruntime-node load native libraries from their own folders. Each entry is one process.
 */
export default defineConfig({
  build: {
    ssr: true,
    outDir: 'out/main',
    target: 'node20',
    minify: false,
    sourcemap: true,
    rolldownOptions: {
      external: ['electron'],
      input: {
        cli: 'src-main/shell/cli/cli.ts',
        web: 'src-main/shell/web/web.ts',
        electron: 'src-main/shell/electron/electron.ts',
        worker: 'src-main/shell/process/worker.ts',
      },
    },
  },
});
