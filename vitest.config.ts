import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/setup.ts'],
    // machines differ: hangs are what tests with a clock of their own look for
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
