/** Attack: what is given up for a bound is what was touched longest ago, and no more of it than has to go. */
import { expect, test } from 'vitest';
import { Ledger } from '../../src/core/ledger.js';

test('keeps what fits, the latest first', () => {
  const ledger = new Ledger<string, number>();
  for (const [i, key] of ['a', 'b', 'c', 'd'].entries()) ledger.set(key, i, 10);
  // changed: touched last, and counted once
  ledger.set('a', 4, 20);
  ledger.delete('c');
  ledger.delete('no such');
  expect(ledger.total).toBe(40);
  const given: [string, number][] = [];
  const giveUp = (key: string, value: number): void => void given.push([key, value]);
  expect(ledger.keepTo(40, giveUp)).toBe(false);
  expect(ledger.keepTo(25, giveUp)).toBe(true);
  expect(given).toEqual([
    ['b', 1],
    ['d', 3],
  ]);
  expect(ledger.total).toBe(20);
  expect(ledger.keepTo(19, giveUp)).toBe(true);
  expect([given.length, ledger.total]).toEqual([3, 0]);
});
