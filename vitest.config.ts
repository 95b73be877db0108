import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // package.json leads it to what is compiled
  resolve: { alias: { '#platform': fileURLToPath(new URL('src/platform/node.ts', import.meta.url)) } },
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/setup.ts'],
    // machines differ: hangs are what tests with a clock of their own look for
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
