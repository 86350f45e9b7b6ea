import { defineConfig } from 'vitest/config';
import { patience } from './test/patience.ts';

/** One project a kind of test: `npx vitest run --project unit` runs one alone. */
const kinds = ['unit', 'contract', 'golden', 'e2e-cli'];

export default defineConfig({
  test: {
    // Codec tests hold nets and photos in memory: two at a time is what two cores carry.
    maxWorkers: 2,
    passWithNoTests: false,
    projects: kinds.map((name) => ({
      test: {
        name,
        include: [`test/${name}/**/*.test.ts`],
        environment: 'node',
        globalSetup: name.startsWith('e2e') ? ['build/test-setup.mjs'] : [],
        testTimeout: patience.test,
        hookTimeout: patience.setUp,
        expect: { poll: { timeout: patience.wait } },
      },
    })),
  },
});
