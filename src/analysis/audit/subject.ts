/** A call as audit rules see it: who called whom at which level, and what its parameters hold, gathered once. */

import { type Call, type Half, PROTECTION } from '../../../dissectors/call.js';
import { ASSOCIATION } from '../../../dissectors/dcerpc/association.js';
import { type Bstr, bstrText, isBstr } from '../../../dissectors/dcom/bstr.js';
import type { Fact, Formatted } from '../../../dissectors/dcom/facts.js';
import type { Objref } from '../../../dissectors/dcom/objref.js';
import { operationText, type Side } from '../../../dissectors/ndr/interface.js';
import { kindOf } from '../../../dissectors/ndr/kinds.js';
import type { NrbfStream } from '../../../dissectors/nrbf/index.js';
import { factsOf, isRemoting } from '../../../dissectors/outcome.js';
import { soapOf } from '../../../dissectors/remoting/meaning.js';
import type { SoapMessage } from '../../../dissectors/soap/index.js';
import { rolesOf } from '../../core/connection.js';
import type { Connection, Endpoint } from '../../core/context.js';
import { levelOf } from '../levels.js';
import type { RemotingObject } from '../objects/remoting.js';
import { type ByteRange, type Confidence, rangeOf } from './found.js';

/** Something inside a call's parameters, and which way it went. */
export interface Held<T> {
  readonly side: Side;
  readonly value: T;
}

export interface Subject {
  readonly call: Call;
  readonly number: number;
  readonly client: Endpoint;
  readonly server: Endpoint;
  /** False for traffic of a host with itself. */
  readonly remote: boolean;
  /** Whether it is a message of .NET remoting over a channel of its own, and none of DCE/RPC. */
  readonly channel: boolean;
  /** The object that such a message goes to, with what is known of it by now. */
  readonly target: RemotingObject | null;
  /** `IManagedObject.GetSerializedBuffer`. */
  readonly operation: string;
  readonly interfaceName: string;
  /** Authentication level, 0 for none; null where the capture does not tell. */
  readonly level: number | null;
  readonly confidence: Confidence;
  /** What the call means, as its operation tells. */
  readonly facts: readonly Fact[];
  readonly streams: readonly Held<NrbfStream>[];
  readonly objrefs: readonly Held<Objref>[];
  /** BSTRs that are text. */
  readonly texts: readonly Held<string>[];
  /** Messages of remoting, whatever formatter wrote them; those of the binary one are among `streams` too. */
  readonly messages: readonly Held<Formatted>[];
  readonly soaps: readonly Held<SoapMessage>[];
  /** BSTRs of any kind that are not empty. */
  readonly bstrs: readonly Held<Bstr>[];
  /** The PDU that ended each half. */
  readonly bytes: { readonly request: ByteRange | null; readonly response: ByteRange | null };
}

/** Values of one call that are looked at. */
const MOST_VALUES = 100_000;

/** Makes a call's subject. */
export function subjectOf(
  call: Call,
  number: number,
  facts = factsOf(call),
  target: RemotingObject | null = null,
): Subject {
  const [client, server] = rolesOf(call.connection);
  const interfaceName = call.iface?.name ?? call.iid ?? 'unknown';
  const held = gather(call);
  return {
    call,
    number,
    client,
    server,
    remote: client.address !== server.address,
    operation: `${interfaceName}.${operationText(call)}`,
    interfaceName,
    level: levelOf(call.auth) === null ? null : protectedAt(call),
    confidence: call.interfaceFrom === 'guess' ? 'inferred' : call.auth.decrypted === true ? 'decrypted' : 'clear',
    facts,
    channel: isRemoting(call),
    target,
    ...held,
    bytes: { request: bytesOf(call.request), response: bytesOf(call.response) },
  };
}

function bytesOf(half: Half | null): ByteRange | null {
  return half === null || half.pieces.length === 0 ? null : rangeOf(half.pieces);
}

/**
 * The level that protects a call. At levels connect and call the PDUs carry no verifier: then the connection's
 * security context tells.
 */
function protectedAt(call: Call): number {
  if (call.auth.level > 1) return call.auth.level;
  let level = call.auth.level === 1 ? 0 : call.auth.level;
  for (const security of call.connection.state.get(ASSOCIATION).security.values())
    if (security.level <= 3 && security.level > level && security.level !== 1) level = security.level;
  return level;
}

/**
 * Whether the client of a connection authenticated to nobody so far: its negotiation was seen, and no trailer in it.
 * Where neither the connection's beginning nor a bind's answer was captured, nobody knows; what carries it may vouch.
 */
export function isAnonymous(connection: Connection): boolean {
  if (isVouched(connection)) return false;
  const { security, contexts } = connection.state.get(ASSOCIATION);
  if (security.size > 0) return false;
  return !connection.midstream || [...contexts.values()].some((context) => context.accepted);
}

/** Whether what carries a connection knows its user, or may. */
export function isVouched({ state }: Connection): boolean {
  const { auth } = state.get(PROTECTION);
  return auth.carrier !== null || auth.isCut;
}

function gather(call: Call): Pick<Subject, 'streams' | 'objrefs' | 'texts' | 'bstrs' | 'messages' | 'soaps'> {
  const streams: Held<NrbfStream>[] = [];
  const objrefs: Held<Objref>[] = [];
  const texts: Held<string>[] = [];
  const bstrs: Held<Bstr>[] = [];
  const messages: Held<Formatted>[] = [];
  const soaps: Held<SoapMessage>[] = [];
  let left = MOST_VALUES;
  for (const side of ['request', 'response'] as const) {
    const todo: unknown[] = [side === 'request' ? call.in : call.out];
    for (let value = todo.pop(); todo.length > 0 || value !== undefined; value = todo.pop()) {
      if (left-- <= 0) break;
      if (typeof value !== 'object' || value === null || value instanceof Uint8Array) continue;
      if (isBstr(value)) {
        if (value.bytes.length > 0) bstrs.push({ side, value });
        if (value.nrbf !== null) streams.push({ side, value: value.nrbf });
        else {
          const text = bstrText(value);
          if (text !== null && text !== '') texts.push({ side, value: text });
        }
        continue;
      }
      const kind = kindOf(value);
      if (kind === 'nrbf' || kind === 'soap') {
        const message = value as Formatted;
        const soap = soapOf(message);
        messages.push({ side, value: message });
        if (message.nrbf !== null) streams.push({ side, value: message.nrbf });
        if (soap !== null) soaps.push({ side, value: soap });
        continue;
      }
      if (kind === 'objref') {
        const objref = value as Objref;
        objrefs.push({ side, value: objref });
        if (objref.properties !== undefined) todo.push(objref.properties);
        continue;
      }
      for (const inner of Array.isArray(value) ? value.slice(0, left).reverse() : Object.values(value).reverse())
        if (typeof inner === 'object' && inner !== null) todo.push(inner);
    }
  }
  return { streams, objrefs, texts, bstrs, messages, soaps };
}
