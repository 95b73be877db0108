import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const ALL = 'test/**/*.test.ts';

/**
 * What a process takes in memory is what they are about: each has its process for itself, and a small one, since the
 * peak of a process that it starts begins with its own. On a busy machine the collector comes late: a peak that is too
 * high once is looked at once more. So has who puts something in the place of a module that others have loaded.
 */
const ALONE = [
  'test/nrbf/{memory,peak}.test.ts',
  'test/limits/{endless,memory}.test.ts',
  'test/query/memory.test.ts',
  'test/cli/parallel-interrupted.test.ts',
  'test/export/{columns,options}.test.ts',
];

/** Not for the inner loop: they start processes, go through whole corpora, or take their time on purpose. */
const SLOW = [
  'test/{every-command,executable,hostile,newcomer,samples,secrets,start,terminal}.test.ts',
  'test/{fuzz,limits,vectors,worst}/**/*.test.ts',
  'test/audit/{attack,cli,findings,folding,html,partial,table}.test.ts',
  'test/capture/{lz4,pcap,records,zstd}.test.ts',
  'test/cli/{decode-as,decrypted,decrypted-inside,groups,habits,http,live,names,own-interfaces,parallel,printer,shell,typed,write}.test.ts',
  'test/core/time.test.ts',
  'test/dcerpc/{coverage,plain,with-tree}.test.ts',
  'test/deploy/**/*.test.ts',
  'test/export/**/*.test.ts',
  'test/encode/{encode,messages,rebuild,scenarios,strict,stubs}.test.ts',
  'test/engine/conversations.test.ts',
  'test/fields/**/*.test.ts',
  'test/filter/{layers,plan,regex,written}.test.ts',
  'test/http/tshark.test.ts',
  'test/idl/hostile.test.ts',
  'test/library/{package,schemas}.test.ts',
  'test/links/links.test.ts',
  'test/ndr/roundtrip.test.ts',
  'test/nrbf/{find,ids,malformed,mono,roundtrip,vectors}.test.ts',
  'test/output/json.property.test.ts',
  'test/platform/{browser,zones}.test.ts',
  'test/query/**/*.test.ts',
  'test/queue/**/*.test.ts',
  'test/remoting/{hostile-text,plain,truth}.test.ts',
  'test/security/{captures,loss,tokens}.test.ts',
  'test/{smb,soap}/hostile.test.ts',
  'test/streams/{agree,calls.property,flow-table,glance,unknown-length}.test.ts',
];

/** The page in a browser, which waits for its turn on a busy machine: what fails there is tried once more. */
const PAGE = 'test/view/**/*.test.ts';

export default defineConfig({
  // package.json leads it to what is compiled
  resolve: { alias: { '#platform': fileURLToPath(new URL('src/platform/node.ts', import.meta.url)) } },
  test: {
    setupFiles: ['test/setup.ts'],
    // machines differ: hangs are what tests with a clock of their own look for
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: '100%',
    // most of a file's time would be loading the registry: files of a worker share its modules
    isolate: false,
    // what was compiled of a file is taken by the other projects and the next run, until the file is another
    experimental: { fsModuleCache: true },
    projects: [
      { extends: true, test: { name: 'fast', include: [ALL], exclude: [...SLOW, ...ALONE, PAGE] } },
      { extends: true, test: { name: 'slow', include: SLOW, exclude: ALONE } },
      {
        extends: true,
        test: { name: 'page', include: [PAGE], retry: 1, testTimeout: 240_000, expect: { poll: { timeout: 60_000 } } },
      },
      { extends: true, test: { name: 'alone', include: ALONE, isolate: true, retry: 1 } },
    ],
  },
});
