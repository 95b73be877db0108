/**
 * Facts: what calls mean for the object model of COM and .NET, and for who asks what of whom. An operation tells them
 * in its own file (`tells`), where the names of its parameters live; whoever looks at calls looks at facts alone. A
 * fact is told of every call of its operation, and what only an answer says is null in it where there is none, or none
 * that can be read.
 */
import type { Bstr } from './bstr.js';
import type { CcwPtr } from './ccw-ptr.js';
import type { ComVersion } from './com-version.js';
import type { DualStringArray } from './dual-string-array.js';
import { isFailure } from './hresult.js';

export type Fact =
  | Activated
  | Asked
  | Exported
  | References
  | Pinged
  | Identity
  | Serialized
  | Component
  | Remoted
  | Threw
  | Invoked
  | Named
  | Listed
  | Mapped;

/** An interface pointer that an answer gives: an OBJREF, or the STDOBJREF in one. */
export interface GivenPointer {
  readonly ipid: string;
  readonly oid: string;
  readonly oxid: string;
  readonly publicRefs: number;
  /** String bindings of the resolver, where they come with it. */
  readonly bindings?: readonly string[];
}

/** An instance or class object is to be made. Its interfaces are `asked`, its apartment is `exported`. */
export interface Activated {
  readonly kind: 'activated';
  readonly clsid: string | null;
  /** The client's. */
  readonly version?: ComVersion | null;
}

/** An object is asked for one of its interfaces. */
export interface Asked {
  readonly kind: 'asked';
  /** A pointer of the object; null for the one that the call makes. The called object speaks for its apartment. */
  readonly ipid: string | null;
  /** NIL where nothing tells which. */
  readonly iid: string;
  /** What came of it; null where nothing tells. */
  readonly hresult: number | null;
  readonly pointer: GivenPointer | null;
}

/** An answer tells of an apartment, or of the resolver that answers: where it listens, how it wants to be called. */
export interface Exported {
  readonly kind: 'exported';
  /** Null for a resolver, and where nothing tells. */
  readonly oxid: string | null;
  readonly resolver?: true;
  readonly bindings: DualStringArray | null;
  /** IPID of the apartment's IRemUnknown. */
  readonly remUnknown?: string | null;
  readonly authnHint?: number | null;
  /** The server's. */
  readonly version?: ComVersion | null;
}

/** A client takes references of an interface pointer, or gives them back. */
export interface References {
  readonly kind: 'references';
  readonly change: 'added' | 'released';
  readonly ipid: string;
  readonly publicRefs: number;
  readonly privateRefs: number;
}

/** A client keeps objects alive. */
export interface Pinged {
  readonly kind: 'pinged';
  readonly set: string;
  /** OIDs that join the set, and those that leave it. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** The called object is asked which CLR and application domain it is of. */
export interface Identity {
  readonly kind: 'identity';
  /** GUID of the CLR instance, where it is text. */
  readonly clr: Bstr | null;
  readonly appDomainId: number | null;
  readonly ccw: CcwPtr | null;
}

/** The called object is asked for itself as bytes of .NET's formatter. */
export interface Serialized {
  readonly kind: 'serialized';
  readonly buffer: Bstr | null;
}

/** The called object tells of the process that it lives in. */
export interface Component {
  readonly kind: 'component';
  readonly processId: string | null;
  readonly appDomain: string | null;
  readonly uri: string | null;
}

/** A method of the called object is called by a .NET message. */
export interface Remoted {
  readonly kind: 'remoted';
  readonly message: Bstr | null;
  readonly answer: Bstr | null;
}

/** The method threw, and the parameters say what. Error information of ORPCTHAT is the call's own. */
export interface Threw {
  readonly kind: 'threw';
  readonly hresult: number;
  readonly message: string | null;
}

/** A member of the called object is called by its number. */
export interface Invoked {
  readonly kind: 'invoked';
  readonly dispId: number | null;
}

/** The called object is asked for the number of a name. */
export interface Named {
  readonly kind: 'named';
  readonly name: string;
  /** Null where it has none of that name. */
  readonly dispId: number | null;
}

/** An endpoint mapper lists what it knows. */
export interface Listed {
  readonly kind: 'listed';
  /** Whether all of it was asked for, and not what fits an interface or object. */
  readonly all: boolean;
  readonly endpoints: number;
}

/** An endpoint mapper is asked where an interface is to be had. */
export interface Mapped {
  readonly kind: 'mapped';
  readonly iid: string;
  /** Null without an answer. */
  readonly endpoints: number | null;
}

/** Those of one kind. */
export function factsOfKind<K extends Fact['kind']>(facts: readonly Fact[], kind: K): Extract<Fact, { kind: K }>[] {
  return facts.filter((f): f is Extract<Fact, { kind: K }> => f.kind === kind);
}

/** Whether an interface was given; null where nothing tells. */
export function isGranted({ hresult }: Asked): boolean | null {
  return hresult === null ? null : !isFailure(hresult);
}

/** An interface pointer out of an OBJREF or STDOBJREF; null for one that names none. */
export function givenPointer(o: Partial<GivenPointer> | null | undefined): GivenPointer | null {
  const { ipid, oid, oxid, publicRefs = 0, bindings } = o ?? {};
  if (ipid === undefined || oid === undefined || oxid === undefined || ipid === NIL) return null;
  return { ipid, oid, oxid, publicRefs, bindings };
}

/** OXID or OID of nothing. */
export const NO_ID = '0x0000000000000000';
/** The nil UUID: no object, no interface. */
export const NIL = '00000000-0000-0000-0000-000000000000';
