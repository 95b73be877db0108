/**
 * Calls that wait for their other half, counted over all connections of a capture. Where they are too much, those touched
 * longest ago are given up.
 */
import { type StateStore, stateKey } from '../src/core/context.js';
import { Ledger } from '../src/core/ledger.js';
import type { Call } from './call.js';
import { costOfCall } from './cost.js';
import { type Keeping, makeRoom, tellLimit } from './limits.js';

/** Where a call is kept: a map of its association or activity, and the key there. */
interface Home {
  readonly map: Map<number, unknown>;
  readonly key: number;
}

const CALLS = stateKey('kept-calls', () => new Ledger<Call, Home>());

/** A call takes its place among those that wait. */
export function openCall(f: Keeping, calls: Map<number, Call>, key: number, call: Call): void {
  endCall(f.session.capture, makeRoom(f, calls, key, 'openCalls'));
  calls.set(key, call);
  keepCall(f, call, calls, key);
}

/** Nothing more comes of a call. */
export function endCall(capture: StateStore, call: Call | undefined): void {
  if (call === undefined) return;
  call.open = false;
  dropCall(capture, call);
}

/** A call is kept in a map, or more became known of one that is; others may have to go for it. */
export function keepCall<V>(f: Keeping, call: Call, map: Map<number, V>, key: number): void {
  const calls = f.session.capture.get(CALLS);
  calls.set(call, { map, key }, costOfCall(call));
  if (calls.keepTo(f.session.limits.openBytes, forget)) tellLimit(f, 'openBytes');
}

/** A call is kept no longer. */
export function dropCall(capture: StateStore, call: Call): void {
  capture.get(CALLS).delete(call);
}

function forget(call: Call, { map, key }: Home): void {
  call.open = false;
  map.delete(key);
}
