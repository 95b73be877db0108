/** Columns give back what was put into them, whatever it was, in less memory than it took. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytes, type Column, doubles, words } from '../../src/view/worker/column.js';

const ROWS = 20_000;

/** Bytes that the numbers of a column take. */
function size(column: Column): number {
  return (column as unknown as { blocks: { numbers: ArrayBufferView }[] }).blocks.reduce(
    (sum, { numbers }) => sum + numbers.byteLength,
    0,
  );
}

function filled(make: () => Column, numberAt: (at: number) => number): Column {
  const column = make();
  for (let at = 0; at < ROWS; at++) column.push(numberAt(at));
  for (let at = 0; at < ROWS; at++)
    if (!Object.is(column.get(at), numberAt(at))) expect(column.get(at)).toBe(numberAt(at));
  expect(column.get(ROWS)).toBe(0);
  return column;
}

describe('what rows have in common is not kept for each', () => {
  it.each<[string, () => Column, (at: number) => number, number]>([
    ['frames, three apart', words, (at) => 5_000_000 + at * 3, 2],
    ['frames, some unknown', words, (at) => (at % 5 === 0 ? 0 : 5_000_000 + at * 3), 2],
    ['one number', words, () => 77, 1],
    ['nothing', doubles, () => 0, 1],
    ['nanoseconds of a clock of microseconds', doubles, (at) => at * 250_000_000 + (at % 7) * 1000, 4],
    ['offsets of a large file', doubles, (at) => 6e9 + at * 280, 2],
    ['times before the first', doubles, (at) => at - 9000, 2],
  ])('%s', (_name, make, numberAt, each) => {
    // the block that is being filled is as it is
    expect(size(filled(make, numberAt))).toBeLessThanOrEqual(each * ROWS + 4096 * 8);
  });

  it.each<[string, () => Column, (at: number) => number]>([
    ['fractions', doubles, (at) => at / 7],
    ['numbers and none', doubles, (at) => (at % 100 === 0 ? Number.NaN : at)],
    ['without an end', doubles, (at) => (at % 100 === 0 ? Number.POSITIVE_INFINITY : at)],
    ['beyond what is exact', doubles, (at) => 2 ** 53 + at * 2],
    ['from end to end', words, (at) => (at % 2 === 0 ? 0xffffffff : 1)],
    ['bytes', bytes, (at) => at % 256],
  ])('%s stay as they are', (_name, make, numberAt) => {
    filled(make, numberAt);
  });
});

it('any numbers, at any places, also those of blocks that were full', () =>
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(ROWS), fc.oneof(fc.nat(300), fc.nat(2 ** 32 - 1), fc.constant(0))), { maxLength: 200 }),
      fc.constantFrom(words, doubles),
      (written, make) => {
        const column = make();
        const plain: number[] = [];
        for (const [at, n] of written) {
          column.set(at, n);
          plain[at] = n;
        }
        expect(column.length).toBe(plain.length);
        for (let at = 0; at < plain.length; at++)
          if (column.get(at) !== (plain[at] ?? 0)) expect(column.get(at)).toBe(plain[at] ?? 0);
      },
    ),
  ));
