/** What a call counts for is what it keeps in memory, whatever of that it shows. */
import { expect, it } from 'vitest';
import type { Half } from '../../dissectors/call.js';
import { costOfCall } from '../../dissectors/cost.js';
import { made } from '../analysis/support.js';

const call = made({ iface: 'IManagedObject', operation: 'GetSerializedBuffer', answer: null });
const cost = (half: Partial<Half>) =>
  costOfCall({ ...call, request: { ...(call.request as Half), ...half }, in: null });

it.each<[string, (pdu: Uint8Array) => Partial<Half>]>([
  ['a stub', (pdu) => ({ stub: pdu })],
  ['a part of a PDU, of which all stays', (pdu) => ({ stub: pdu.subarray(0, 8) })],
  ['a stub that was cut', (pdu) => ({ stub: null, cut: { bytes: pdu, length: 200_000 } })],
])('%s', (_, half) => {
  expect(cost(half(new Uint8Array(100_000))) - cost({ stub: null })).toBeGreaterThanOrEqual(100_000);
});
