/** The line of a PDU says what was known of its call with it, whenever it is printed. */
import { expect, it } from 'vitest';
import type { Call } from '../../dissectors/call.js';
import type { Pdu } from '../../dissectors/pdu.js';
import { pduSummary } from '../../src/output/tree/summary.js';
import { made } from '../analysis/support.js';

const line = (call: Call, completes: Pdu['completes'], type: number): string =>
  pduSummary({ call, completes, bind: null, header: { type, flags: 3, callId: 1 } } as unknown as Pdu);

it.each([
  ['request', 'request', {}, '()'],
  ['response', 'response', {}, '() → 7'],
  ['fragment behind the answer', null, {}, '()'],
  ['ack behind the answer', null, {}, '() → 7', 7],
  ['cancel_ack behind the answer', null, {}, '()', 10],
  ['fragment before the answer', null, { answer: null, out: null }, '()'],
  ['request of a call that failed', 'request', { result: 0x80004005 }, '()'],
  ['its answer', 'response', { result: 0x80004005 }, '✗ 0x80004005 E_FAIL'],
  ['request of a fault', 'request', { fault: 0x6be, out: null }, '()'],
  ['the fault', 'fault', { fault: 0x6be, out: null }, '✗ fault 0x000006be RPC_S_CALL_FAILED'],
] as const)('%s', (_, completes, more, end, type: number = 0) => {
  const call = made({ iface: 'IConnectionPoint', operation: 'Advise', out: { pdwCookie: 7 }, ...more });
  const text = line(call, completes, type);
  expect(text.replace(' (System.Runtime.InteropServices.COMException)', '').endsWith(end)).toBe(true);
});
