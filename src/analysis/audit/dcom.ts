/** What DCOM calls tell, in the form that rules ask for: activations, granted interfaces, bindings. */
import { isIP } from 'node:net';
import type { Call } from '../../../dissectors/dcerpc/connection.js';
import { bindingText, type DualStringArray } from '../../../dissectors/dcom/dual-string-array.js';
import type { Objref, StdObjref } from '../../../dissectors/dcom/objref.js';
import type { FoundObject } from './finding.js';
import type { Subject } from './subject.js';

export const IMANAGEDOBJECT = 'c3fcc19e-a970-11d2-8b5a-00a0c9b7c9c4';
export const IACTIVATION = '4d9f4ab8-7d1c-11cf-861e-0020af6e7c57';
export const ISCMACTIVATOR = '000001a0-0000-0000-c000-000000000046';
export const IOBJECTEXPORTER = '99fcfec4-5260-101b-bbcb-00aa0021347a';

/** An interface that was asked for; `granted` is null where the answer was not seen. */
export interface Asked {
  readonly iid: string;
  readonly granted: boolean | null;
  readonly object: FoundObject;
}

/** An activation. */
export interface Activation {
  /** Absent where the request was not decoded. */
  readonly clsid?: string | undefined;
  readonly iids: readonly string[];
  readonly oxid: string | null;
  readonly bindings: DualStringArray | null;
  readonly pointers: readonly Objref[];
  readonly clientVersion: Version | null;
  readonly serverVersion: Version | null;
  readonly asked: readonly Asked[];
}

export interface Version {
  readonly MajorVersion: number;
  readonly MinorVersion: number;
}

/** An activation by RemoteCreateInstance or RemoteGetClassObject, or by the old RemoteActivation where it is decoded. */
export function activationOf(call: Call): Activation | null {
  if (call.iid !== ISCMACTIVATOR && call.iid !== IACTIVATION) return null;
  const asked = (call.in?.pActProperties as Objref | null | undefined)?.properties?.InstantiationInfo as
    | { classId?: string; pIID?: string[] | null; clientCOMVersion?: Version }
    | undefined;
  const told = (call.out?.ppActProperties as Objref | null | undefined)?.properties;
  const reply = (
    told?.ScmReplyInfo as
      | { remoteReply?: { Oxid?: string; pdsaOxidBindings?: DualStringArray; serverVersion?: Version } | null }
      | undefined
  )?.remoteReply;
  const out = told?.PropsOutInfo as
    | { piid?: string[] | null; phresults?: string[] | null; ppIntfData?: (Objref | null)[] | null }
    | undefined;
  const old = call.iid === IACTIVATION ? (call.in ?? {}) : {};
  const clsid = asked?.classId ?? (typeof old.Clsid === 'string' ? old.Clsid : undefined);
  const iids = asked?.pIID ?? (Array.isArray(old.pIIDs) ? (old.pIIDs as string[]) : []);
  const pointers = (out?.ppIntfData ?? []).filter((o) => o !== null);
  return {
    clsid,
    iids,
    oxid: reply?.Oxid ?? null,
    bindings: reply?.pdsaOxidBindings ?? null,
    pointers,
    clientVersion: asked?.clientCOMVersion ?? null,
    serverVersion: reply?.serverVersion ?? null,
    asked: iids.map((iid) => {
      const i = out?.piid?.indexOf(iid) ?? -1;
      const pointer = i < 0 ? null : (out?.ppIntfData?.[i] ?? null);
      return { iid, granted: i < 0 ? null : pointer !== null, object: idsOf(pointer) };
    }),
  };
}

function idsOf(o: Partial<StdObjref> | Objref | null | undefined): Asked['object'] {
  return o == null ? {} : { ipid: o.ipid, oid: o.oid, oxid: o.oxid };
}

/** Interfaces that a call asked an object for: RemQueryInterface, RemQueryInterface2, or an activation. */
export function askedOf(call: Call): readonly Asked[] {
  const activation = activationOf(call);
  if (activation !== null) return activation.asked;
  if (!Array.isArray(call.in?.iids)) return [];
  const iids = call.in.iids as string[];
  const results = call.out?.ppQIResults as { hResult?: string; std?: StdObjref }[] | undefined;
  const codes = call.out?.phr as string[] | undefined;
  const pointers = call.out?.ppMIF as (Objref | null)[] | undefined;
  return iids.map((iid, i) => {
    const code = results?.[i]?.hResult ?? codes?.[i];
    const granted = code === undefined ? null : Number(code) < 0x80000000;
    return { iid, granted, object: granted ? idsOf(results?.[i]?.std ?? pointers?.[i]) : {} };
  });
}

/** A resolver's answer: ResolveOxid or ResolveOxid2 that succeeded. */
export function resolvedOf(call: Call): { oxid: string; bindings: DualStringArray } | null {
  if (call.iid !== IOBJECTEXPORTER || (call.opnum !== 0 && call.opnum !== 4)) return null;
  const oxid = call.in?.pOxid;
  const bindings = call.out?.ppdsaOxidBindings as DualStringArray | null | undefined;
  if (typeof oxid !== 'string' || bindings == null || call.result !== 0) return null;
  return { oxid, bindings };
}

/** String bindings that a server tells of itself in this call. */
export function exportedBindings(subject: Subject): string[] {
  const { call, objrefs } = subject;
  const told = [call.out?.ppdsaOrBindings, call.out?.ppdsaOxidBindings, activationOf(call)?.bindings];
  const arrays = told.filter((d): d is NonNullable<typeof d> => d != null) as DualStringArray[];
  return [
    ...arrays.flatMap((d) => d.bindings.map(bindingText)),
    ...objrefs.filter((o) => o.side === 'response').flatMap((o) => o.value.bindings ?? []),
  ];
}

/** The host of a string binding: `10.0.0.1[49664]`, `ncacn_np:\\HOST[\pipe\x]`. */
export function hostOf(binding: string): string {
  return binding
    .replace(/^(?:nca[a-z_]+|tower \d+):/, '')
    .replace(/\[[^[\]]*\]$/, '')
    .replace(/^\\\\/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();
}

/** What rules about a resolver that answers with addresses of another host know the cause by. */
export function foreignKey(bindings: readonly string[]): string {
  return `foreign ${hostOf(bindings[0] ?? '')}`;
}

/**
 * Whether string bindings lead away from all of `hosts`: null where names alone are told, which the capture does not
 * resolve. One address that fits is enough: machines have several.
 */
export function leadsAway(bindings: readonly string[], hosts: readonly string[]): boolean | null {
  const addresses = bindings.map(hostOf).filter((h) => isIP(h) !== 0);
  if (addresses.length === 0) return null;
  return !addresses.some((a) => hosts.includes(a));
}
