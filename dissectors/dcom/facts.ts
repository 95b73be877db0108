/**
 * Facts: what calls mean for the object model of COM and .NET, and for who asks what of whom. An operation tells them
 * in its own file (`tells`), where the names of its parameters live; whoever looks at calls looks at facts alone. A
 * fact is told of every call of its operation, and what only an answer says is null in it where there is none, or none
 * that can be read.
 */

import { isFailure } from '../names/hresult.js';
import type { NrbfStream, ObjRefSummary } from '../nrbf/index.js';
import type { Bstr } from './bstr.js';
import type { CcwPtr } from './ccw-ptr.js';
import type { DualStringArray } from './dual-string-array.js';
import { comVersion, numberOf, tagged, textOf } from './value.js';

export type Fact = Readonly<
  /** An instance or class object is to be made: its interfaces are `asked`. The version (of COM, `5.7`) is the client's. */
  | { kind: 'activated'; clsid: string | null; version?: string | null }
  /**
   * An object is asked for an interface (`NIL` where nothing tells which). `ipid` is a pointer of it; null for the
   * object that the call makes. The called object speaks for its apartment.
   */
  | { kind: 'asked'; ipid: string | null; iid: string; hresult: number | null; pointer: GivenPointer | null }
  /**
   * An apartment (or the resolver that answers) listens at these bindings; `oxid` is null where nothing tells.
   * `remUnknown` is the IPID of the apartment's IRemUnknown, the version the server's.
   */
  | {
      kind: 'exported';
      oxid: string | null;
      resolver?: true;
      bindings: DualStringArray | null;
      remUnknown?: string | null;
      authnHint?: number | null;
      version?: string | null;
    }
  /** References of an interface pointer are taken, or given back. */
  | { kind: 'references'; change: 'added' | 'released'; ipid: string; publicRefs: number; privateRefs: number }
  /** Objects are kept alive: OIDs that join a set that is pinged, and those that leave it. */
  | { kind: 'pinged'; set: string; added: readonly string[]; removed: readonly string[] }
  /** The called object is asked of which CLR (its GUID, where that is text) and application domain it is. */
  | { kind: 'identity'; clr: Bstr | null; appDomainId: number | null; ccw: CcwPtr | null }
  /** The called object is asked for itself, in bytes of .NET's formatter. */
  | { kind: 'serialized'; buffer: Bstr | null }
  /** The called object tells of the process that it lives in. */
  | { kind: 'component'; processId: string | null; appDomain: string | null; uri: string | null }
  /** A method of the called object is called by a .NET message: in a call of IRemoteDispatch, or over a channel. */
  | { kind: 'remoted'; message: Formatted | null; answer: Formatted | null }
  /** An activator is asked for an object of this type (with its assembly), for this client alone; the answer is its ObjRef. */
  | { kind: 'constructed'; type: string | null; objRef: ObjRefSummary | null }
  /** The called object is asked for the lease that it lives by. */
  | { kind: 'leased'; lease: ObjRefSummary | null }
  /** The called lease tells of itself: the time that an object begins with, the time left, its state. Times in seconds. */
  | { kind: 'lease'; initial?: number | null; left?: number | null; state?: string | null }
  /** The called lease is to last for so many seconds from now on; so many it has then. */
  | { kind: 'renewed'; seconds: number | null; left: number | null }
  /** A sponsor joins the called lease, or leaves it. */
  | { kind: 'sponsored'; change: 'registered' | 'unregistered'; sponsor: ObjRefSummary | null }
  /** The called sponsor is asked by how many seconds a lease that ends is to be renewed. */
  | { kind: 'renewal'; lease: ObjRefSummary | null; seconds: number | null }
  /** The method threw, as parameters say. The error information of ORPCTHAT is the call's own. */
  | { kind: 'threw'; hresult: number; message: string | null }
  /** A member of the called object is called by its number. */
  | { kind: 'invoked'; dispId: number | null }
  /** The called object is asked for the number of a name; null where it has none. */
  | { kind: 'named'; name: string; dispId: number | null }
  /** An endpoint mapper lists endpoints: `all` that it knows, or what fits an interface or object. */
  | { kind: 'listed'; all: boolean; endpoints: number }
  /** An endpoint mapper is asked where an interface is to be had; so many endpoints has it. */
  | { kind: 'mapped'; iid: string; endpoints: number | null }
>;

/** A message of .NET: a BSTR that holds it, or the content of a remoting message. */
export interface Formatted {
  readonly bytes: Uint8Array;
  /** Null where it is none of the binary formatter. */
  readonly nrbf: NrbfStream | null;
}

/** The facts of one kind. */
export type FactOf<K extends Fact['kind']> = Extract<Fact, { readonly kind: K }>;

/** An interface pointer that an answer gives: an OBJREF, or the STDOBJREF in one. */
export interface GivenPointer {
  readonly ipid: string;
  readonly oid: string;
  readonly oxid: string;
  readonly publicRefs: number;
  /** String bindings of the resolver, where they come with it. */
  readonly bindings?: readonly string[] | undefined;
}

/** Those of one kind. */
export function factsOfKind<K extends Fact['kind']>(facts: readonly Fact[], kind: K): FactOf<K>[] {
  return facts.filter((f): f is FactOf<K> => f.kind === kind);
}

/** Whether an interface was given; null where nothing tells. */
export function isGranted({ hresult }: FactOf<'asked'>): boolean | null {
  return hresult === null ? null : !isFailure(hresult);
}

/** An interface pointer out of an OBJREF or STDOBJREF; null for one that names none. */
export function givenPointer(o: Partial<GivenPointer> | null | undefined): GivenPointer | null {
  const { ipid, oid, oxid, publicRefs = 0, bindings } = o ?? {};
  if (ipid === undefined || oid === undefined || oxid === undefined || ipid === NIL) return null;
  return { ipid, oid, oxid, publicRefs, bindings };
}

/** The fact of an apartment, out of the parameters that tell of it; none where they tell nothing. */
export function exported(
  oxid: unknown,
  bindings: unknown,
  remUnknown: unknown,
  authnHint: unknown,
  version: unknown,
): FactOf<'exported'>[] {
  const where = { bindings: tagged(bindings, 'bindings'), remUnknown: textOf(remUnknown) };
  if (oxid === NO_ID || (where.bindings === null && where.remUnknown === null)) return [];
  const how = { authnHint: numberOf(authnHint), version: comVersion(version) };
  return [{ kind: 'exported', oxid: textOf(oxid), ...where, ...how }];
}

/** OXID or OID of nothing. */
export const NO_ID = '0x0000000000000000';
/** The nil UUID: no object, no interface. */
export const NIL = '00000000-0000-0000-0000-000000000000';
