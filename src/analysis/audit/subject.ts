/** A call as audit rules see it: who called whom at which level, and what its parameters hold, gathered once. */

import { type Call, PROTECTION } from '../../../dissectors/call.js';
import { ASSOCIATION } from '../../../dissectors/dcerpc/association.js';
import type { Fact } from '../../../dissectors/dcom/facts.js';
import { operationText } from '../../../dissectors/ndr/interface.js';
import { factsOf, isRemoting } from '../../../dissectors/outcome.js';
import { rolesOf } from '../../core/connection.js';
import type { Connection, Endpoint } from '../../core/context.js';
import { type Holdings, heldBy } from '../held.js';
import { levelOf } from '../levels.js';
import type { RemotingObject } from '../objects/remoting.js';
import type { Confidence } from './found.js';

export interface Subject extends Holdings {
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
}

/** Makes a call's subject. */
export function subjectOf(
  call: Call,
  number: number,
  facts = factsOf(call),
  target: RemotingObject | null = null,
  held = heldBy(call),
): Subject {
  const [client, server] = rolesOf(call.connection);
  const interfaceName = call.iface?.name ?? call.iid ?? 'unknown';
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
    streams: held.streams,
    objrefs: held.objrefs,
    texts: held.texts,
    messages: held.messages,
    soaps: held.soaps,
    bstrs: held.bstrs,
  };
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
