/** What is known of COM objects: apartments hold objects, objects have interface pointers (MS-DCOM 1.3.1 to 1.3.4). */
import type { Call } from '../../../dissectors/call.js';
import { costOfValues } from '../../../dissectors/cost.js';
import type { CcwPtr } from '../../../dissectors/dcom/ccw-ptr.js';
import type { ObjRefSummary } from '../../../dissectors/nrbf/index.js';
import type { Limits } from '../../core/limits.js';
import { SmallMap } from '../small-map.js';
import { PlaceClues } from './apartments.js';

/** First frame of a request and last frame of its answer; null where one is missing. */
export interface CallFrames {
  readonly request: number | null;
  readonly response: number | null;
}

/** What a call is to the table: who called whom, and where it stands in the capture. */
export interface Seen {
  readonly call: Call;
  readonly client: string;
  readonly server: string;
  readonly sight: CallFrames;
  readonly failed: boolean;
  /** Whether an answer was asked for that is not there. */
  readonly unanswered: boolean;
  /** The calls are counted from 1 on. */
  readonly number: number;
}

/** What a table may forget. */
export interface Followed {
  /** Number of the last call that used it. */
  used: number;
  /** What its details take of the room. */
  details: number;
}

/** The use before which, or at which, half of them were used last. */
export function middleUse(kept: readonly Pick<Followed, 'used'>[]): number {
  const uses = Float64Array.from(kept, ({ used }) => used).sort();
  return uses.length === 0 ? 0 : uses[(uses.length - 1) >> 1];
}

/** An object exporter: an apartment that has objects which others hold. */
export interface Apartment extends Followed {
  /** Address of its host. */
  readonly server: string;
  /** Null for what belongs to an apartment that nobody named. */
  readonly oxid: string | null;
  bindings: string[];
  securityBindings: string[];
  remUnknown: InterfacePointer | null;
  authnHint: number | null;
  comVersion: string | null;
  readonly clues: PlaceClues;
  /** Calls by `type level user`. */
  readonly security: SmallMap<SecuritySeen>;
  /** Calls by client's address. */
  readonly clients: SmallMap<number>;
  /** Ports that it answered on. */
  readonly ports: Set<number>;
}

/** How calls to an apartment were protected. */
export interface SecuritySeen {
  readonly type: string | null;
  readonly level: number | null;
  readonly user: string | null;
  calls: number;
}

/** References of a pointer, whoever has them. */
export interface ReferenceCounts {
  /** Public ones: given with the pointer, asked for with RemAddRef, given back with RemRelease. */
  handedOut: number;
  added: number;
  released: number;
  privateAdded: number;
  privateReleased: number;
}

/** A pointer to one interface of one object. */
export interface InterfacePointer extends Followed {
  readonly server: string;
  readonly ipid: string;
  iid: string | null;
  /** Null for IRemUnknown, which is the apartment's own. */
  object: ComObject | null;
  apartment: Apartment | null;
  readonly first: CallFrames;
  readonly references: ReferenceCounts;
  /** Public and private references that each holder still has, by address. */
  readonly holders: SmallMap<number>;
  lastRelease: CallFrames | null;
  calls: number;
  failed: number;
  unanswered: number;
  /** Calls by operation. */
  readonly operations: SmallMap<number>;
}

/** One COM object. */
export interface ComObject extends Followed {
  readonly server: string;
  oid: string | null;
  readonly pointers: Set<InterfacePointer>;
  clsid: string | null;
  /** What the user calls its class (`--registry`). */
  className: string | null;
  /** The call that made it. */
  created: (CallFrames & { readonly operation: string; readonly client: string }) | null;
  readonly identities: Identity[];
  readonly serialized: Serialized[];
  readonly component: ComponentInfo;
  readonly steps: Step[];
  /** Null where there is none, as of most. */
  refusals: SmallMap<Refusal> | null;
  pings: SmallMap<Ping> | null;
}

/** What GetObjectIdentity answered (MS-IOI 3.1.4.1.2). */
export interface Identity {
  /** GUID of the CLR instance as it was sent. */
  readonly clr: string | null;
  readonly appDomainId: number | null;
  readonly ccw: CcwPtr | null;
  readonly seen: CallFrames[];
}

/** What GetSerializedBuffer answered (MS-IOI 3.1.4.1.1). */
export interface Serialized {
  /** `ObjRef`: a reference; `value`: a copy of the object; `unreadable`: no NRBF stream. */
  readonly form: 'ObjRef' | 'value' | 'unreadable';
  readonly objRef: ObjRefSummary | null;
  readonly type: string | null;
  readonly length: number;
  readonly summary: string;
  readonly seen: CallFrames[];
}

/** What GetComponentInfo answered (MS-IOI 3.1.4.3.1). */
export interface ComponentInfo {
  processId: string | null;
  appDomain: string | null;
  uri: string | null;
  /** Other answers than the first. */
  readonly others: {
    readonly name: 'processId' | 'appDomain' | 'uri';
    readonly value: string;
    readonly seen: CallFrames;
  }[];
  readonly seen: CallFrames[];
}

/** One step on the way that MS-IOI 1.3 draws. */
export interface Step {
  readonly client: string;
  /** Asked for IManagedObject, for the identity, for the serialized form. */
  readonly step: 'query' | 'identity' | 'serialize';
  readonly seen: CallFrames;
  /** `failed`: an HRESULT or a fault; `unknown`: no answer, or sealed. */
  readonly outcome: 'granted' | 'refused' | 'answered' | 'failed' | 'unknown';
}

/** An interface that the object was asked for and does not have. */
export interface Refusal {
  readonly iid: string;
  readonly hresult: number;
  count: number;
  readonly seen: CallFrames[];
}

/** A client keeps the object alive with pings (MS-DCOM 3.1.2.5.1.3). */
export interface Ping {
  readonly client: string;
  readonly set: string;
  added: CallFrames | null;
  removed: CallFrames | null;
}

/** Values looked at in one call while searching for interface pointers. */
export const MOST_VALUES = 20_000;

/** A new apartment; `oxid` null where nobody named it. */
export function newApartment(server: string, oxid: string | null): Apartment {
  return {
    server,
    oxid,
    bindings: [],
    securityBindings: [],
    remUnknown: null,
    authnHint: null,
    comVersion: null,
    clues: new PlaceClues(),
    security: new SmallMap(),
    clients: new SmallMap(),
    ports: new Set(),
    used: 0,
    details: 0,
  };
}

/** A new object; `oid` null while nobody named it. */
export function newObject(server: string, oid: string | null): ComObject {
  return {
    server,
    oid,
    pointers: new Set(),
    clsid: null,
    className: null,
    created: null,
    identities: [],
    serialized: [],
    component: { processId: null, appDomain: null, uri: null, others: [], seen: [] },
    steps: [],
    refusals: null,
    pings: null,
    used: 0,
    details: 0,
  };
}

/** What is known by a host and an id there. No text is made of the two: every call asks for several. */
export class ByHost<T> {
  private readonly hosts = new Map<string, Map<string, T>>();
  private count = 0;

  get size(): number {
    return this.count;
  }

  get(host: string, id: string): T | undefined {
    return this.hosts.get(host)?.get(id);
  }

  /** Adds what is not there yet. */
  add(host: string, id: string, value: T): void {
    const known = this.hosts.get(host);
    if (known === undefined) this.hosts.set(host, new Map([[id, value]]));
    else known.set(id, value);
    this.count++;
  }

  /** Whether anything is known of a host. */
  hasHost(host: string): boolean {
    return this.hosts.has(host);
  }

  *values(): Generator<T> {
    for (const known of this.hosts.values()) yield* known.values();
  }

  /** Takes out all of these, under whichever ids they are. */
  delete(gone: ReadonlySet<T>): void {
    for (const [host, known] of this.hosts) {
      for (const [id, value] of known) if (gone.has(value) && known.delete(id)) this.count--;
      if (known.size === 0) this.hosts.delete(host);
    }
  }
}

/** Bytes that a detail may take; longer ones count as several. */
const DETAIL = 512;

/**
 * Lists and maps of objects and pointers grow within two bounds: each one's own, and one for all together, which
 * whoever has them gives back when it is forgotten.
 */
export class Room {
  /** Entries that found no room: in all, and in their own list or map. */
  readonly leftOut = { details: 0, detailsEach: 0 };
  private readonly most: number;
  private readonly each: number;

  constructor({ details, detailsEach }: Limits) {
    this.most = details;
    this.each = detailsEach;
  }

  /** What is taken of that for all together. */
  taken = 0;

  /** Adds to a list. */
  add<T extends object>(owner: Followed, list: T[], item: T): void {
    if (this.take(owner, list.length, item)) list.push(item);
  }

  /** As much of a list as there is room for in one that is made of it. */
  first<T>(list: readonly T[]): readonly T[] {
    this.leftOut.detailsEach += Math.max(0, list.length - this.each);
    return list.slice(0, this.each);
  }

  /** The entry of a map, made where it is missing; undefined where there is no room. */
  entry<V>(owner: Followed, map: SmallMap<V>, key: string, make: () => V): V | undefined {
    let value = map.get(key);
    if (value === undefined && this.take(owner, map.size, [key])) {
      value = make();
      map.set(key, value);
    }
    return value;
  }

  /** Adds to a number in a map. */
  count(owner: Followed, map: SmallMap<number>, key: string, change: number): void {
    const before = this.entry(owner, map, key, () => 0);
    if (before !== undefined) map.set(key, before + change);
  }

  /** Whether there is room for this in a list or map of this size. */
  take(owner: Followed, size: number, what: object): boolean {
    const full = size >= this.each ? 'detailsEach' : this.taken >= this.most ? 'details' : null;
    if (full === null) {
      const cost = Math.ceil(costOfValues(what) / DETAIL);
      this.taken += cost;
      owner.details += cost;
    } else this.leftOut[full]++;
    return full === null;
  }

  /** Has back what somebody's details took. */
  release(owner: Followed): void {
    this.taken -= owner.details;
    owner.details = 0;
  }
}

/** What tells of an interface pointer that goes from one host to another. */
export interface Handed {
  readonly iid: string;
  readonly ipid: string;
  readonly oid: string;
  readonly oxid: string;
  readonly publicRefs?: number | undefined;
  readonly bindings?: readonly string[] | undefined;
}

/** Where facts are noted (facts.ts): the table of objects, as far as they need it. */
export interface FactTable {
  readonly room: Room;
  /** Of what objects were serialized to, nobody asks for more than the type. */
  readonly typesAlone: boolean;
  /** The apartment of an OXID; undefined where there is no room for one more. */
  apartment(server: string, oxid: string): Apartment | undefined;
  /**
   * The pointer of an IPID, made at first sight; undefined where there is no room for one more.
   * @param oid of its object, where the caller puts it there; else it has a nameless one
   */
  pointer(
    server: string,
    ipid: string,
    sight: CallFrames,
    iid: string | null,
    oid?: string,
  ): InterfacePointer | undefined;
  /** The pointer of an IPID, if it was seen. */
  known(server: string, ipid: string): InterfacePointer | undefined;
  /** The object of an OID; undefined where there is no room for one more. */
  object(server: string, oid: string): ComObject | undefined;
  /** A pointer belongs to this object and apartment, as an OBJREF or STDOBJREF says. */
  place(pointer: InterfacePointer, oxid: string, oid: string): void;
  /** A pointer lives in this apartment. */
  settle(pointer: InterfacePointer, apartment: Apartment | undefined): void;
  /** An OBJREF goes from one host to another. */
  handOver(o: Handed, from: string, to: string, sight: CallFrames): InterfacePointer | undefined;
  /** A host gets public references with a pointer. */
  give(pointer: InterfacePointer, holder: string, references: number): void;
}
