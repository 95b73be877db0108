/** Ranges of bytes that a browser asks the page's server for. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { requestedRange } from '../../src/cli/range.js';

test('any header gives a range inside the file, or none', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^bytes=\d*-\d*$/)), fc.nat({ max: 1000 }), (header, size) => {
      const range = requestedRange(header, size);
      if (range === null || range === 'none') return;
      expect(range[0]).toBeGreaterThanOrEqual(0);
      expect(range[0]).toBeLessThan(range[1]);
      expect(range[1]).toBeLessThanOrEqual(size);
    }),
  );
});
