/**
 * What messages mean for the objects that they are about: ObjRefs that they hand out (MS-NRTP 2.2.2.1), and the calls
 * that remoting makes by itself, of activators, leases and sponsors. Whoever wants to know asks here, whatever
 * formatter wrote the message.
 */
import type { Fact, Formatted } from '../dcom/facts.js';
import { asObject, numberMember, textMember } from '../nrbf/graph/graph.js';
import {
  follow,
  type Item,
  isRecord,
  type MessagePart,
  type MessageParts,
  messageParts,
  type NrbfStream,
  type ObjRefSummary,
  objRefsIn,
} from '../nrbf/index.js';

/** What a message calls; empty texts where it does not say it. */
export interface Target {
  /** Full name of the type, with its assembly. */
  readonly type: string;
  readonly method: string;
}

/** URI at which every server takes activations. */
export const ACTIVATION_SERVICE = 'RemoteActivationService.rem';

const ACTIVATOR = 'System.Runtime.Remoting.Activation.IActivator';
const LIFETIME = 'System.Runtime.Remoting.Lifetime.';

/** Members of LeaseState. */
const STATES = ['Null', 'Initial', 'Active', 'Renewing', 'Expired'];

/** Ticks of a TimeSpan in a second. */
const TICKS = 1e7;

/** ObjRefs that a message hands out, whatever they stand in. */
export function objRefsOf({ nrbf }: Formatted): readonly ObjRefSummary[] {
  return nrbf === null ? [] : objRefsIn(nrbf);
}

/** Whether a type, with or without its assembly, is one of leases and sponsors. */
export function isOfLifetime(type: string): boolean {
  return type.startsWith(LIFETIME);
}

/** Whether a method asks any object for its lease. */
export function asksForLease(method: string): boolean {
  return method === 'GetLifetimeService' || method === 'InitializeLifetimeService';
}

/**
 * What a call of an activator, lease or sponsor tells; nothing of other calls.
 * @param answer null where there is none, or the method threw
 */
export function lifetimeFacts({ type, method }: Target, message: Formatted, answer: Formatted | null): Fact[] {
  const given = (): ObjRefSummary | null => (answer === null ? null : (objRefsOf(answer)[0] ?? null));
  if (asksForLease(method)) return [{ kind: 'leased', lease: given() }];
  if (method === 'Activate' && type.startsWith(ACTIVATOR))
    return [{ kind: 'constructed', type: constructedType(message), objRef: given() }];
  if (!isOfLifetime(type)) return [];
  const [sent] = objRefsOf(message);
  const returned = partsOf(answer)?.returnValue;
  const seconds = (part: MessagePart | undefined, of: Formatted | null): number | null =>
    part === undefined || of?.nrbf == null ? null : secondsOf(of.nrbf, part.item);
  switch (method) {
    case 'Renew':
      return [
        { kind: 'renewed', seconds: seconds(partsOf(message)?.args[0], message), left: seconds(returned, answer) },
      ];
    case 'Register':
    case 'Unregister':
      return [
        { kind: 'sponsored', change: method === 'Register' ? 'registered' : 'unregistered', sponsor: sent ?? null },
      ];
    case 'Renewal':
      return [{ kind: 'renewal', lease: sent ?? null, seconds: seconds(returned, answer) }];
    case 'get_CurrentLeaseTime':
      return [{ kind: 'lease', left: seconds(returned, answer) }];
    case 'get_InitialLeaseTime':
      return [{ kind: 'lease', initial: seconds(returned, answer) }];
    case 'set_InitialLeaseTime':
      return [{ kind: 'lease', initial: seconds(partsOf(message)?.args[0], message) }];
    case 'get_CurrentState':
      return [{ kind: 'lease', state: returned === undefined ? null : stateOf(answer!.nrbf!, returned.item) }];
    default:
      return [];
  }
}

function partsOf(message: Formatted | null): MessageParts | null {
  return message?.nrbf == null ? null : messageParts(message.nrbf);
}

/** The type that a ConstructionCall names, with its assembly; writers differ in whether they say it once or twice. */
function constructedType(message: Formatted): string | null {
  const { nrbf } = message;
  const argument = partsOf(message)?.args[0]?.item ?? null;
  const call = nrbf === null ? null : asObject(follow(nrbf, argument));
  return nrbf === null || call === null
    ? null
    : (textMember(nrbf, call, '__ActivationTypeName') ?? textMember(nrbf, call, '__TypeName'));
}

/** A TimeSpan, raw or boxed. */
function secondsOf(stream: NrbfStream, item: Item): number | null {
  const value = isRecord(item) || typeof item === 'number' ? follow(stream, item) : item;
  const ticks = isRecord(value) && value.type === 8 ? value.value : value;
  return typeof ticks === 'bigint' ? Number(ticks) / TICKS : null;
}

function stateOf(stream: NrbfStream, item: Item): string | null {
  const state = asObject(follow(stream, item));
  const value = state === null ? null : numberMember(stream, state, 'value__');
  return value === null ? null : (STATES[value] ?? String(value));
}
