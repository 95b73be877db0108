/**
 * System.Runtime.Remoting.ObjRef explained: what a proxy is made from (MS-NRTP 2.2.2.1 and 3.1.5.1.3; GetSerializedBuffer of
 * MS-IOI returns one). Members differ between .NET and Mono; what is there is taken.
 */

import { find, latin1Bytes } from '../../../src/core/bytes.js';
import { onceIn } from '../../../src/core/once.js';
import { type ArrayRecord, follow, isRecord, type NrbfStream, type ObjectRecord, recordAt } from '../format/model.js';
import {
  arrayMember,
  arrayTexts,
  asArray,
  asObject,
  lost,
  member,
  numberMember,
  objectMember,
  recordItems,
  textMember,
} from './graph.js';

/** What an ObjRef says. Null or empty where it does not say it. */
export interface ObjRefSummary {
  readonly uri: string | null;
  /** Assembly-qualified, as it stands. */
  readonly type: string | null;
  /** Base types below the type itself. */
  readonly hierarchy: string[];
  readonly interfaces: string[];
  /** URIs of remote channels. */
  readonly channels: string[];
  /** The GUID that .NET gives to a process, and the ids of application domain and context in it. */
  readonly processId: string | null;
  readonly appDomainId: number | null;
  readonly contextId: string | null;
  readonly flags: string[];
  /** True where the server set the URI in advance, false for client-activated and marshalled objects. */
  readonly wellKnown: boolean;
  /** Who made the object, in words. */
  readonly activation: 'well-known' | 'well-known, by its URI' | 'client-activated or marshalled';
  /** Members that refer to objects which are not in the stream; what they say is not known. */
  readonly missing?: readonly string[];
}

const OBJREF = 'System.Runtime.Remoting.ObjRef';
/** objrefFlags: bits of ObjRef. */
const FLAGS: readonly (readonly [number, string])[] = [
  [1, 'MarshaledObject'],
  [2, 'WellKnown'],
  [4, 'Lite'],
  [8, 'ProxyAttribute'],
];

/** Explains an object that is an ObjRef; null for any other. */
export function explainObjRef(stream: NrbfStream, object: ObjectRecord | null): ObjRefSummary | null {
  if (object === null || object.cls.name !== OBJREF) return null;
  const typeInfo = objectMember(stream, object, 'typeInfo');
  const channelInfo = objectMember(stream, object, 'channelInfo');
  const channels: string[] = [];
  let processId: string | null = null;
  let appDomainId = numberMember(stream, object, 'domainID');
  let contextId: string | null = null;
  const missing = [...lost(stream, object)];
  const look = (record: ObjectRecord | ArrayRecord | null, name: string): void => {
    for (const member of lost(stream, record)) missing.push(`${name}${member.startsWith('[') ? '' : '.'}${member}`);
  };
  look(typeInfo, 'typeInfo');
  look(typeInfo && arrayMember(stream, typeInfo, 'interfacesImplemented'), 'typeInfo.interfacesImplemented');
  look(channelInfo, 'channelInfo');
  const data = channelInfo === null ? null : arrayMember(stream, channelInfo, 'channelData');
  look(data, 'channelInfo.channelData');
  for (const item of recordItems(data, 64)) {
    const channel = asObject(follow(stream, item));
    if (channel === null) continue;
    look(channel, 'channel');
    look(arrayMember(stream, channel, '_channelURIs'), 'channel._channelURIs');
    if (channel.cls.name.endsWith('.CrossAppDomainData')) {
      processId ??= textMember(stream, channel, '_processGuid');
      appDomainId ??= numberMember(stream, channel, '_DomainID');
      contextId ??= pointer(stream, channel);
    } else channels.push(...arrayTexts(stream, arrayMember(stream, channel, '_channelURIs'), 64));
  }
  return objRefSummary(
    {
      uri: textMember(stream, object, 'uri'),
      type: typeInfo === null ? null : textMember(stream, typeInfo, 'serverType'),
      hierarchy: typeInfo === null ? [] : arrayTexts(stream, arrayMember(stream, typeInfo, 'serverHierarchy'), 64),
      interfaces:
        typeInfo === null ? [] : arrayTexts(stream, arrayMember(stream, typeInfo, 'interfacesImplemented'), 1000),
      channels,
      processId,
      appDomainId,
      contextId,
      ...(missing.length === 0 ? {} : { missing: missing.slice(0, 100) }),
    },
    numberMember(stream, object, 'objrefFlags') ?? 0,
  );
}

/** What an ObjRef says, with what its URI and `objrefFlags` tell of who made the object. */
export function objRefSummary(
  said: Omit<ObjRefSummary, 'flags' | 'wellKnown' | 'activation'>,
  bits: number,
): ObjRefSummary {
  const { uri, type, hierarchy, interfaces, channels, processId, appDomainId, contextId, missing } = said;
  const named = uri !== null && !isGenerated(uri);
  const flags: string[] = [];
  for (const [bit, name] of FLAGS) if ((bits & bit) !== 0) flags.push(name);
  const summary: ObjRefSummary = {
    uri,
    type,
    hierarchy,
    interfaces,
    channels,
    processId,
    appDomainId,
    contextId,
    flags,
    wellKnown: (bits & 2) !== 0 || named,
    activation: (bits & 2) !== 0 ? 'well-known' : named ? 'well-known, by its URI' : 'client-activated or marshalled',
  };
  return missing === undefined ? summary : { ...summary, missing };
}

const GENERATED = /(^|\/)[0-9a-f_]{8}[-_][0-9a-f_-]{20,}|_\d+\.rem$/i;

/** Whether remoting made a URI up: a GUID, a counter, `.rem`, below the application's GUID. */
export function isGenerated(uri: string): boolean {
  return GENERATED.test(uri);
}

/** _ContextID is an IntPtr: a boxed object with the number inside. */
function pointer(stream: NrbfStream, channel: ObjectRecord): string | null {
  const item = member(stream, channel, '_ContextID') ?? null;
  if (typeof item === 'bigint' || typeof item === 'number') return String(item);
  const object = asObject(item);
  const value = object === null ? null : (member(stream, object, 'value') ?? null);
  return value === null || isRecord(value) ? null : String(value);
}

/** Records of a stream that are looked at, and ObjRefs that are found in it. */
const MOST_RECORDS = 500_000;
const MOST_OBJREFS = 64;

const NAME = latin1Bytes(OBJREF);

/** Every ObjRef of a stream, also those inside of other objects: a delegate's target, an activator's answer. */
export const objRefsIn = onceIn((stream: NrbfStream): readonly ObjRefSummary[] => {
  const { source, start, length } = stream;
  if (find(source.bytes.subarray(start, start + length), NAME) < 0) return [];
  const found: ObjRefSummary[] = [];
  for (let i = 0; i < stream.records.length && i < MOST_RECORDS && found.length < MOST_OBJREFS; i++) {
    const record = recordAt(stream, i);
    if (record.type < 1 || record.type > 5) continue;
    const objRef = explainObjRef(stream, record as ObjectRecord);
    if (objRef !== null) found.push(objRef);
  }
  return found;
});

/** The first ObjRef of a stream's root: the root itself, or an element of a call array. */
export function rootObjRef(stream: NrbfStream): ObjRefSummary | null {
  const root = follow(stream, stream.root);
  const object = asObject(root);
  if (object !== null) return explainObjRef(stream, object);
  if (stream.message === null) return null;
  const array = asArray(root);
  for (const item of recordItems(array, 64)) {
    const found = explainObjRef(stream, asObject(follow(stream, item)));
    if (found !== null) return found;
  }
  return null;
}

/** Whether one of an ObjRef's channels leads to a host, as the sender's address; null where it names no channel. */
export function pointsTo(objRef: ObjRefSummary, host: string): boolean | null {
  if (objRef.channels.length === 0) return null;
  return objRef.channels.some((uri) => /^[^:/]+:\/\/(\[[^\]]*\]|[^/:]*)/.exec(uri)?.[1].replace(/[[\]]/g, '') === host);
}
