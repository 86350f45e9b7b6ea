import { join } from 'node:path';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'electron-vite';

const here = import.meta.dirname;
const shell = join(here, 'src-main', 'shell');
const devPort = 5173;
const page = join(here, 'src-renderer');

export default defineConfig({
  // What runs in Node or in Electron's main process, an entry a process. Packages stay outside the bundle,
  // since sharp and onnxruntime-node load native libraries from their own folders.
  main: {
    build: {
      outDir: join(here, 'out', 'main'),
      target: 'node20',
      sourcemap: true,
      rolldownOptions: {
        input: {
          cli: join(shell, 'cli', 'cli.ts'),
          web: join(shell, 'web', 'web.ts'),
          electron: join(shell, 'electron', 'electron.ts'),
          worker: join(shell, 'process', 'worker.ts'),
        },
      },
    },
  },
  // One CommonJS file with all that it needs, as a sandboxed window demands.
  preload: {
    build: {
      outDir: join(here, 'out', 'preload'),
      target: 'node20',
      externalizeDeps: false,
      rolldownOptions: {
        input: join(shell, 'electron', 'preload.ts'),
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  // The page: one bundle that both shells serve, under a strict policy.
  renderer: {
    root: page,
    plugins: [vue()],
    // The page lies at another address (app://lavi, or the web server's): its socket is named.
    server: {
      port: devPort,
      strictPort: true,
      hmr: { protocol: 'ws', host: 'localhost', clientPort: devPort },
    },
    define: {
      __VUE_OPTIONS_API__: 'false',
      __VUE_PROD_DEVTOOLS__: 'false',
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
      __VUE_I18N_FULL_INSTALL__: 'false',
      __VUE_I18N_LEGACY_API__: 'false',
      __INTLIFY_PROD_DEVTOOLS__: 'false',
    },
    build: {
      outDir: join(here, 'out', 'renderer'),
      target: 'es2022',
      minify: true,
      // A data: address would be refused by the policy, so nothing is inlined.
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 900,
      // Said of a slow machine, and of no use to who starts the app.
      rolldownOptions: { input: join(page, 'index.html'), checks: { bundlerTimings: false } },
    },
  },
});
