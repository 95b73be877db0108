/**
 * What is kept, counted over all connections of a capture: calls that wait for their other half, stubs that wait for
 * their other fragments, and what associations negotiated. Where it is too much, those touched longest ago are given up.
 */
import { type Connection, type StateStore, stateKey } from '../../src/core/context.js';
import { Ledger } from '../../src/core/ledger.js';
import { LIMITS, type LimitName, limitMessage } from '../../src/core/limits.js';
import { ASSOCIATION, type Association, type Call, type Unfinished } from './connection.js';
import { costOfAssociation, costOfCall } from './cost.js';
import type { Fragment } from './session.js';

/** Where a call is kept: a map of its association or activity, and the key there. */
interface Home {
  readonly map: Map<number, unknown>;
  readonly key: number;
}

const CALLS = stateKey('dcerpc.kept-calls', () => new Ledger<Call, Home>());
const STUBS = stateKey('dcerpc.kept-stubs', () => new Ledger<Unfinished, null>());
const ASSOCIATIONS = stateKey('dcerpc.kept-associations', () => new Ledger<Association, null>());
const TOLD = stateKey('dcerpc.limits-told', () => new Set<LimitName>());

/** What a fragment costs beside its bytes, about. */
const FRAGMENT_COST = 256;

/** What is asked of a PDU here. */
type Keeping = Pick<Fragment, 'session' | 'transport' | 'pdu'>;

/** Has the PDU say that a limit was met: once a connection, or once a capture where it bounds all of it. */
export function tellLimit({ session, transport, pdu }: Keeping, name: LimitName): void {
  const told = (LIMITS[name].of === 'capture' ? session.capture : transport.connection.state).get(TOLD);
  if (told.has(name)) return;
  told.add(name);
  pdu.limits.push(name);
}

/** Nothing is said of limits any more. */
export function tellNoLimits(store: StateStore): void {
  const told = store.get(TOLD);
  for (const name of Object.keys(LIMITS)) told.add(name as LimitName);
}

/** Deletes a map's oldest entry where it has no room for one more key; returns what was deleted. */
export function dropOldest<K, V>(map: Map<K, V>, key: K, most: number): V | undefined {
  if (map.size < most || map.has(key)) return undefined;
  const [oldest, value] = map.entries().next().value as [K, V];
  map.delete(oldest);
  return value;
}

/** The same for a limit, which is told. */
export function makeRoom<V>(f: Keeping, map: Map<number, V>, key: number, name: LimitName): V | undefined {
  const dropped = dropOldest(map, key, f.session.limits[name]);
  if (dropped !== undefined) tellLimit(f, name);
  return dropped;
}

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

/**
 * Adds to a stub's length what a fragment has. One that is too long is given up, and so are others for it.
 * @param isWhole nothing is missing any more: it need not be kept
 */
export function growStub(f: Fragment, stub: Unfinished, bytes: number, isWhole: boolean): void {
  const { limits, capture } = f.session;
  const stubs = capture.get(STUBS);
  stub.length += bytes;
  stub.cost += f.transport.bytes.length + FRAGMENT_COST;
  if (stub.length > limits.stubBytes) {
    stubs.delete(stub);
    giveUp(stub);
    f.pdu.note('limit', limitMessage('stubBytes', limits));
    return;
  }
  if (isWhole) return;
  stubs.set(stub, null, stub.cost);
  if (stubs.keepTo(limits.assembledBytes, giveUp)) tellLimit(f, 'assembledBytes');
}

/** A stub is whole, or nobody waits for it any more. */
export function dropStub(capture: StateStore, stub: Unfinished | undefined): void {
  if (stub !== undefined) capture.get(STUBS).delete(stub);
}

/** Nothing stays of it but that it was there: the call goes on without. */
function giveUp(stub: Unfinished): void {
  if (Array.isArray(stub.parts)) stub.parts.length = 0;
  else stub.parts.clear();
  stub.length = 0;
  stub.damaged = 'limit';
}

/** More was negotiated on an association: what others negotiated may have to be forgotten for it. */
export function keepAssociation(f: Fragment): void {
  const associations = f.session.capture.get(ASSOCIATIONS);
  associations.set(f.association, null, costOfAssociation(f.association));
  if (associations.keepTo(f.session.limits.contextBytes, forgetContexts)) tellLimit(f, 'contextBytes');
}

function forgetContexts({ contexts, offers, security }: Association): void {
  for (const map of [contexts, offers, security]) map.clear();
}

/** Nothing more will come on the connection: its calls wait no longer. */
export function closeAssociation(connection: Connection, capture: StateStore): void {
  const association = connection.state.get(ASSOCIATION);
  capture.get(ASSOCIATIONS).delete(association);
  endCalls(association, capture);
}

/** The calls of an association wait no longer. */
export function endCalls({ calls, early, requests, responses }: Association, capture: StateStore): void {
  for (const call of calls.values()) endCall(capture, call);
  for (const { call } of early.values()) endCall(capture, call);
  for (const stub of [...requests.values(), ...responses.values()]) dropStub(capture, stub);
  for (const map of [calls, early, requests, responses]) map.clear();
}
