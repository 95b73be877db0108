/**
 * What a call costs in memory, in bytes, about: its stubs, and its decoded parameters at what they take, which may be
 * many times the bytes that they were read from. NRBF streams are not counted here: BSTRs let go of them (bstr.ts).
 */
import type { Call, Half } from './call.js';
import { kindOf } from './ndr/kinds.js';

/** A call without stubs. */
const CALL_COST = 1024;
/** Stubs up to this length are not looked into: what they decode to cannot take more than so much a byte. */
const SMALL = 4096;
const SMALL_FACTOR = 8;

/** Costs of values beside what is in them (V8, 64 bits). */
const NUMBER = 16;
const OBJECT = 56;
const MEMBER = 16;
const TEXT = 24;
const BYTES = 128;

/** What keeping a call keeps in memory. */
export function costOfCall(call: Call): number {
  return CALL_COST + costOfHalf(call.request, call.in) + costOfHalf(call.response, call.out);
}

function costOfHalf(half: Half | null, params: object | null): number {
  const stub = half?.stub ?? half?.cut?.bytes ?? null;
  if (stub === null) return 0;
  // a part of a PDU keeps all of its bytes; what was joined stands beside them
  const isApart = half?.message != null && half.message.buffer !== stub.buffer;
  const byteLength = stub.buffer.byteLength + (isApart ? half.message.buffer.byteLength : 0);
  if (params === null) return byteLength;
  return byteLength + (stub.length <= SMALL ? stub.length * SMALL_FACTOR : costOfValues(params));
}

/** What values take. Walks without recursion: they lie in each other as deep as limits allow. */
export function costOfValues(params: object): number {
  let cost = 0;
  const todo: unknown[] = [params];
  for (let value = todo.pop(); value !== undefined; value = todo.pop()) {
    if (typeof value === 'string') cost += TEXT + value.length * 2;
    else if (typeof value !== 'object' || value === null) cost += NUMBER;
    // views on bytes that the stub has
    else if (value instanceof Uint8Array) cost += BYTES;
    else if (kindOf(value) === 'bstr') cost += OBJECT + BYTES;
    else if (Array.isArray(value)) {
      cost += OBJECT + 8 * value.length;
      for (const item of value) todo.push(item ?? 0);
    } else {
      cost += OBJECT;
      for (const key of Object.keys(value)) {
        cost += MEMBER;
        todo.push((value as Record<string, unknown>)[key] ?? 0);
      }
    }
  }
  return cost;
}
