/**
 * What is kept of DCE/RPC, counted over all connections of a capture: stubs that wait for their other fragments, and what
 * associations negotiated. Where it is too much, those touched longest ago are given up.
 */
import { type Connection, type StateStore, stateKey } from '../../src/core/context.js';
import { Ledger } from '../../src/core/ledger.js';
import { limitMessage } from '../../src/core/limits.js';
import { type Keeping, tellLimit } from '../limits.js';
import { endCall } from '../waiting.js';
import { ASSOCIATION, type Association, type Unfinished } from './association.js';
import type { Fragment } from './fragment.js';

const STUBS = stateKey('dcerpc.kept-stubs', () => new Ledger<Unfinished, null>());
const ASSOCIATIONS = stateKey('dcerpc.kept-associations', () => new Ledger<Association, null>());

/** What a fragment costs beside its bytes, about. */
const FRAGMENT_COST = 256;

/** A presentation context, or what was offered for one; a security context without its tokens. */
const CONTEXT_COST = 256;
const SECURITY_COST = 2048;

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
export function keepAssociation(f: Keeping & Pick<Fragment, 'association'>): void {
  const associations = f.session.capture.get(ASSOCIATIONS);
  associations.set(f.association, null, costOfAssociation(f.association));
  if (associations.keepTo(f.session.limits.contextBytes, forgetContexts)) tellLimit(f, 'contextBytes');
}

function forgetContexts({ contexts, offers, security }: Association): void {
  for (const map of [contexts, offers, security]) map.clear();
}

/** What an association's contexts take. */
function costOfAssociation({ contexts, offers, security }: Association): number {
  let count = contexts.size;
  for (const list of offers.values()) for (const offer of list) count += 1 + offer.length;
  let cost = CONTEXT_COST * count;
  // a token is kept as bytes, and its names as texts
  for (const { tokenBytes } of security.values()) cost += SECURITY_COST + 2 * tokenBytes;
  return cost;
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
