import { defineConfig } from 'vite';

/** Bundles Electron's preload script: one CommonJS file, as a sandboxed window demands. */
export default defineConfig({
  build: {
    outDir: 'out/preload',
    target: 'chrome130',
    minify: false,
    lib: {
      entry: 'src-main/shell/electron/preload.ts',
      formats: ['cjs'],
      fileName: () => 'preload.cjs',
    },
    rolldownOptions: { external: ['electron'] },
  },
});
