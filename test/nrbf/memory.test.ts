import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { describeNrbf, nrbfToJson } from '../../dissectors/nrbf/index.js';
import { hasShared, read, readRecorded, SHARED, vectors } from './support.js';

const MB = 1 << 20;

// In a file of its own, because the peak that the system counts is the process's, and a process is a test file's.
describe.skipIf(!hasShared)('memory', () => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;

  it('stays below 150 MB over the start at the peak, for any malformed file, as JSON and as a tree', () => {
    const all = vectors(`${SHARED}/malformed`);
    gc();
    const start = process.memoryUsage().rss;
    for (const { name, bytes } of all) {
      for (const way of [
        () => JSON.stringify(nrbfToJson(read(bytes))),
        () => describeNrbf(readRecorded(bytes).stream),
      ]) {
        gc();
        way();
        const peak = process.resourceUsage().maxRSS * 1024 - start;
        expect(peak, `${name}: ${Math.round(peak / MB)} MB`).toBeLessThan(150 * MB);
      }
    }
  });
});
