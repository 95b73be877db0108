/** Rows of calls: what is counted as failed is what tables of calls count. */
import { expect, test } from 'vitest';
import { outcomeText } from '../../src/view/calls/texts.js';
import { CallRows } from '../../src/view/worker/call-rows.js';
import { Texts } from '../../src/view/worker/texts.js';
import { type Made, made } from '../analysis/support.js';

test('failed are those of a failing result or a fault; that nobody answered is shown, and not counted', () => {
  const rows = new CallRows(new Texts());
  const call = (more: Partial<Made>) => made({ iface: 'IManagedObject', operation: 'GetObjectIdentity', ...more });
  const silent = { ...call({ answer: null }), open: false };
  const calls = [
    call({}),
    call({ result: 0x80004002 }),
    call({ fault: 5 }),
    silent,
    { ...silent, oneWay: true },
  ] as const;
  for (const one of calls) rows.add(one, { sec: 0, nsec: 0 });
  expect(rows.failed).toBe(2);
  const all = calls.map((_, at) => [outcomeText(rows.row(at)), rows.isFailed(at), rows.row(at).failed]);
  expect(all).toEqual([
    ['succeeded', false, false],
    ['failed', true, true],
    ['refused', true, true],
    ['no answer', false, true],
    ['one-way', false, false],
  ]);
});
