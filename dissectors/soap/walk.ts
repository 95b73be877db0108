/** What an auditor asks of a SOAP message: types, references to objects, the exception. */
import { type ObjRefSummary, objRefSummary } from '../nrbf/index.js';
import { resolve, type SoapMessage, type SoapObject, type SoapValue } from './model.js';
import type { TypeName } from './names.js';

/** Each value that the message leads to or that has an id, once; objects and arrays before what they hold. */
export function* soapValues(message: SoapMessage): Generator<SoapValue> {
  const { args, returnValue, headers, fault, byId } = message;
  const tops = [...headers, ...args].map((member) => member.value);
  if (returnValue !== null) tops.push(returnValue);
  if (fault?.detail != null) tops.push(fault.detail);
  const todo = [...tops, ...byId.values()].reverse();
  const seen = new Set<SoapValue>();
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const value = resolve(message, next);
    if (value.kind === 'null' || value.kind === 'ref' || seen.has(value)) continue;
    seen.add(value);
    yield value;
    if (value.kind === 'object') for (let i = value.members.length - 1; i >= 0; i--) todo.push(value.members[i].value);
    else if (value.kind === 'array') for (let i = value.elements.length - 1; i >= 0; i--) todo.push(value.elements[i]);
  }
}

/** Every type that the message names, with its assembly (null for mscorlib), each once: the called type first. */
export function soapTypes(message: SoapMessage): TypeName[] {
  const found = new Map<string, TypeName>();
  const add = (type: string | null, assembly: string | null): void => {
    // with a colon it is a name of XML Schema that .NET has no type for
    if (type !== null && type !== '' && !type.includes(':')) found.set(`${type}, ${assembly}`, { type, assembly });
  };
  add(message.typeName, message.assembly);
  for (const value of soapValues(message))
    if (value.kind !== 'null' && value.kind !== 'ref') add(value.type, value.assembly);
  return [...found.values()];
}

function member(message: SoapMessage, object: SoapObject | null, name: string): SoapValue | null {
  const found = object?.members.find((one) => one.name === name);
  return found === undefined ? null : resolve(message, found.value);
}

function objectMember(message: SoapMessage, object: SoapObject | null, name: string): SoapObject | null {
  const value = member(message, object, name);
  return value?.kind === 'object' ? value : null;
}

function textMember(message: SoapMessage, object: SoapObject | null, name: string): string | null {
  const value = member(message, object, name);
  return value?.kind === 'scalar' ? value.text : null;
}

function numberMember(message: SoapMessage, object: SoapObject | null, name: string): number | null {
  const text = textMember(message, object, name);
  return text !== null && /^-?\d{1,10}$/.test(text) ? Number(text) : null;
}

function elements(message: SoapMessage, object: SoapObject | null, name: string, most: number): SoapValue[] {
  const value = member(message, object, name);
  return value?.kind === 'array' ? value.elements.slice(0, most).map((element) => resolve(message, element)) : [];
}

function texts(message: SoapMessage, object: SoapObject | null, name: string, most: number): string[] {
  return elements(message, object, name, most).flatMap((element) => (element.kind === 'scalar' ? [element.text] : []));
}

/** Explains an object that is a System.Runtime.Remoting.ObjRef (MS-NRTP 2.2.2.1); null for any other. */
export function explainSoapObjRef(message: SoapMessage, value: SoapValue): ObjRefSummary | null {
  if (value.kind !== 'object' || value.type !== 'System.Runtime.Remoting.ObjRef') return null;
  const typeInfo = objectMember(message, value, 'typeInfo');
  const channels: string[] = [];
  let processId: string | null = null;
  let appDomainId = numberMember(message, value, 'domainID');
  let contextId: string | null = null;
  for (const channel of elements(message, objectMember(message, value, 'channelInfo'), 'channelData', 64)) {
    if (channel.kind !== 'object') continue;
    if (channel.type?.endsWith('.CrossAppDomainData')) {
      processId ??= textMember(message, channel, '_processGuid');
      appDomainId ??= numberMember(message, channel, '_DomainID');
      contextId ??= textMember(message, channel, '_ContextID');
    } else channels.push(...texts(message, channel, '_channelURIs', 64));
  }
  return objRefSummary(
    {
      uri: textMember(message, value, 'uri'),
      type: textMember(message, typeInfo, 'serverType'),
      hierarchy: texts(message, typeInfo, 'serverHierarchy', 64),
      interfaces: texts(message, typeInfo, 'interfacesImplemented', 1000),
      channels,
      processId,
      appDomainId,
      contextId,
    },
    numberMember(message, value, 'objrefFlags') ?? 0,
  );
}

/** The ObjRefs of a message, in the order in which it leads to them. */
export function soapObjRefs(message: SoapMessage): ObjRefSummary[] {
  const found: ObjRefSummary[] = [];
  for (const value of soapValues(message)) {
    const objRef = explainSoapObjRef(message, value);
    if (objRef !== null) found.push(objRef);
  }
  return found;
}

export interface SoapException {
  /** Full name, without the assembly. */
  readonly type: string;
  readonly message: string | null;
  readonly stack: string | null;
  /** The chain of inner exceptions, the nearest first. */
  readonly inner: readonly Omit<SoapException, 'inner'>[];
}

/** Inner exceptions that are told. */
const MOST_INNER = 100;

/**
 * The exception that a fault carries: a ServerFault refers to it, or has no more of it than texts; else the fault's
 * string names it. Null where the message is no fault.
 */
export function soapException(message: SoapMessage): SoapException | null {
  const { fault } = message;
  if (fault === null) return null;
  const detail = fault.detail === null ? null : resolve(message, fault.detail);
  const given = detail?.kind === 'object' ? detail : null;
  const carried = objectMember(message, given, 'exception');
  const whole = carried === null ? explainSoapException(message, given) : exceptionOf(message, carried);
  if (whole !== null) return whole;
  const told = /^ \*\*\*\* ([^ ]+) - ([\s\S]*)$/.exec(fault.string);
  return {
    type: textMember(message, given, 'exceptionType')?.split(',')[0] ?? told?.[1] ?? fault.code,
    message: textMember(message, given, 'message') ?? told?.[2] ?? fault.string,
    stack: textMember(message, given, 'stackTrace'),
    inner: [],
  };
}

/** What an exception says of itself and of those inside it. */
function exceptionOf(message: SoapMessage, first: SoapObject): SoapException {
  const chain = new Set<SoapObject>();
  let next: SoapObject | null = first;
  while (next !== null && !chain.has(next) && chain.size <= MOST_INNER) {
    chain.add(next);
    next = objectMember(message, next, 'InnerException') ?? objectMember(message, next, '_innerException');
  }
  const text = (object: SoapObject, name: string, other: string): string | null =>
    textMember(message, object, name) ?? textMember(message, object, other);
  const [outer, ...inner] = [...chain].map((object) => ({
    type: text(object, 'ClassName', '_className') ?? object.type ?? '',
    message: text(object, 'Message', '_message'),
    stack: text(object, 'StackTraceString', '_stackTraceString'),
  }));
  return { ...outer, inner };
}

/** An object that has what System.Exception writes of itself; null for any other value. */
export function explainSoapException(message: SoapMessage, value: SoapValue | null): SoapException | null {
  if (value?.kind !== 'object') return null;
  const names = new Set(value.members.map((one) => one.name));
  const is = (names.has('ClassName') && names.has('HResult')) || (names.has('_className') && names.has('_HResult'));
  return is ? exceptionOf(message, value) : null;
}
