import { defineConfig } from 'vitest/config';

const ALL = 'test/**/*.test.ts';

/** What a process takes in memory is what they are about: each has its process for itself. */
const ALONE = ['test/nrbf/memory.test.ts', 'test/limits/endless.test.ts'];

/** Not for the inner loop: they start the built program, go through whole corpora, or take their time on purpose. */
const SLOW = [
  'test/{every-command,executable,hostile,samples,secrets}.test.ts',
  'test/{audit,core,encode,filter,limits,nrbf,vectors,worst}/**/*.test.ts',
];

export default defineConfig({
  test: {
    setupFiles: ['test/setup.ts'],
    // machines differ: hangs are what tests with a clock of their own look for
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: '100%',
    // most of a file's time would be loading the registry: files of a worker share its modules
    isolate: false,
    projects: [
      { extends: true, test: { name: 'fast', include: [ALL], exclude: [...SLOW, ...ALONE] } },
      { extends: true, test: { name: 'slow', include: SLOW, exclude: ALONE } },
      { extends: true, test: { name: 'alone', include: ALONE, isolate: true } },
    ],
  },
});
