/** Rows in the order of a column: as a plain sort has them. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inOrder } from '../../src/view/calls/order.js';

const keys = fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double(), fc.constant(Number.NaN)));

test('is that of their keys, equal ones as they were, rows without one last, whichever way', () => {
  fc.assert(
    fc.property(keys, fc.boolean(), (all, isDown) => {
      const rows = Uint32Array.from(all.keys(), (at) => at * 7);
      const keyOf = (row: number): number => all[row / 7];
      const plain = Array.from(rows).sort((a, b) => {
        const [x, y] = [keyOf(a), keyOf(b)];
        if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
        return x === y ? 0 : x < y === isDown ? 1 : -1;
      });
      expect(Array.from(inOrder(rows, keyOf, isDown))).toEqual(plain);
    }),
  );
});
