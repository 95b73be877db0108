/**
 * What messages mean for the objects that they are about: ObjRefs that they hand out (MS-NRTP 2.2.2.1), types that they
 * name, and the calls that remoting makes by itself, of activators, leases and sponsors. Whoever wants to know asks
 * here, whatever formatter wrote the message.
 */
import { once } from '../../src/core/once.js';
import type { Fact, Formatted } from '../dcom/facts.js';
import { KIND } from '../ndr/kinds.js';
import { asObject, numberMember, textMember } from '../nrbf/graph/graph.js';
import {
  follow,
  type Item,
  isRecord,
  meaningOf,
  messageParts,
  type NrbfStream,
  type ObjRefSummary,
  objRefsIn,
} from '../nrbf/index.js';
import { resolve, type SoapMessage, type SoapValue, soapException, soapObjRefs } from '../soap/index.js';

/** What a message calls; empty texts where it does not say it. */
export interface Target {
  /** Full name of the type, with its assembly where that is told. */
  readonly type: string;
  readonly method: string;
}

const ACTIVATOR = 'System.Runtime.Remoting.Activation.IActivator';
const LIFETIME = 'System.Runtime.Remoting.Lifetime.';

/** Members of LeaseState. */
const STATES = ['Null', 'Initial', 'Active', 'Renewing', 'Expired'];

/** Ticks of a TimeSpan in a second. */
const TICKS = 1e7;

/** ObjRefs of one message that are told. */
const MOST_OBJREFS = 64;

const soapRefs = once((message: SoapMessage) => soapObjRefs(message).slice(0, MOST_OBJREFS));

/** ObjRefs that a message hands out, whatever they stand in. */
export function objRefsOf(message: Formatted): readonly ObjRefSummary[] {
  const soap = soapOf(message);
  if (soap !== null) return soapRefs(soap);
  return message.nrbf === null ? [] : objRefsIn(message.nrbf);
}

/** The message of the SOAP formatter; null where another one wrote it. */
export function soapOf(
  message: Formatted & { readonly [KIND]?: unknown; readonly soap?: SoapMessage },
): SoapMessage | null {
  return message[KIND] === 'soap' ? (message.soap ?? null) : null;
}

/** The exception that an answer brings, as .NET names it and with its message; null where it brings none. */
export function thrownIn(answer: Formatted): { readonly type: string; readonly message: string | null } | null {
  const soap = soapOf(answer);
  if (soap !== null) return soapException(soap);
  const { nrbf } = answer;
  const part = nrbf === null ? undefined : messageParts(nrbf)?.exception;
  const object = nrbf === null || part === undefined ? null : asObject(follow(nrbf, part.item));
  if (nrbf === null || object === null) return null;
  const meaning = meaningOf(nrbf, object);
  return meaning?.kind === 'exception' ? meaning.exception : { type: object.cls.name, message: null };
}

/** Whether a method asks any object for its lease. */
function asksForLease(method: string): boolean {
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
  if (!type.startsWith(LIFETIME)) return [];
  const [sent = null] = objRefsOf(message);
  switch (method) {
    case 'Renew':
      return [{ kind: 'renewed', seconds: secondsIn(message), left: secondsIn(answer) }];
    case 'Register':
      return [{ kind: 'sponsored', change: 'registered', sponsor: sent }];
    case 'Unregister':
      return [{ kind: 'sponsored', change: 'unregistered', sponsor: sent }];
    case 'Renewal':
      return [{ kind: 'renewal', lease: sent, seconds: secondsIn(answer) }];
    case 'get_CurrentLeaseTime':
      return [{ kind: 'lease', left: secondsIn(answer) }];
    case 'get_InitialLeaseTime':
      return [{ kind: 'lease', initial: secondsIn(answer) }];
    case 'set_InitialLeaseTime':
      return [{ kind: 'lease', initial: secondsIn(message) }];
    case 'get_CurrentState':
      return [{ kind: 'lease', state: stateIn(answer) }];
    default:
      return [];
  }
}

/** What a message brings: the first argument of a call, the value of a return. */
function broughtBy(
  message: Formatted | null,
): { stream: NrbfStream; item: Item } | { soap: SoapMessage; value: SoapValue } | null {
  const soap = message === null ? null : soapOf(message);
  if (soap !== null) {
    const value = soap.returnValue ?? soap.args[0]?.value;
    return value === undefined ? null : { soap, value: resolve(soap, value) };
  }
  const stream = message?.nrbf ?? null;
  const parts = stream === null ? null : messageParts(stream);
  const part = parts?.kind === 'return' ? parts.returnValue : parts?.args[0];
  if (stream === null || part === undefined) return null;
  // what stands inline is raw, and no reference
  return { stream, item: part.primitive === 0 ? follow(stream, part.item) : part.item };
}

/** The type that a ConstructionCall names, with its assembly; writers differ in what they call it. */
function constructedType(message: Formatted): string | null {
  const brought = broughtBy(message);
  if (brought === null) return null;
  const names = ['__ActivationTypeName', '__TypeName'];
  if ('soap' in brought) {
    const { soap, value } = brought;
    const found = value.kind === 'object' ? value.members.find(({ name }) => names.includes(name)) : undefined;
    const text = found && resolve(soap, found.value);
    return text?.kind === 'scalar' ? text.text : null;
  }
  const { stream, item } = brought;
  const call = asObject(item);
  for (const name of names) {
    const text = call === null ? null : textMember(stream, call, name);
    if (text !== null) return text;
  }
  return null;
}

/** A TimeSpan in seconds: ticks, raw or boxed; in SOAP a duration of XML Schema. */
function secondsIn(message: Formatted | null): number | null {
  const brought = broughtBy(message);
  if (brought === null) return null;
  if ('soap' in brought) return brought.value.kind === 'scalar' ? durationOf(brought.value.text) : null;
  const { item } = brought;
  const ticks = isRecord(item) && item.type === 8 ? item.value : item;
  return typeof ticks === 'bigint' ? Number(ticks) / TICKS : null;
}

/** `P0Y0M0DT0H5M0S`: what is longer than days has no length. */
function durationOf(text: string): number | null {
  const match = /^P(?:0+Y)?(?:0+M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(text);
  if (match === null) return null;
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
}

function stateIn(message: Formatted | null): string | null {
  const brought = broughtBy(message);
  if (brought === null) return null;
  if ('soap' in brought) return brought.value.kind === 'scalar' ? brought.value.text : null;
  const state = asObject(brought.item);
  const value = state === null ? null : numberMember(brought.stream, state, 'value__');
  return value === null ? null : (STATES[value] ?? String(value));
}
