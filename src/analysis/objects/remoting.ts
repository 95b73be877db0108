/**
 * Objects that .NET remoting reaches: each is known by its host and URI. Who received an ObjRef to
 * it, who called it, and by which lease it lives.
 */

import type { Call } from '../../../dissectors/call.js';
import type { Fact, FactOf, Formatted } from '../../../dissectors/dcom/facts.js';
import { operationText } from '../../../dissectors/ndr/interface.js';
import { isGenerated, type ObjRefSummary } from '../../../dissectors/nrbf/index.js';
import { isRemoting } from '../../../dissectors/outcome.js';
import { objRefsOf } from '../../../dissectors/remoting/meaning.js';
import { isAddress } from '../../core/address.js';
import { rolesOf } from '../../core/connection.js';
import type { Connection } from '../../core/context.js';
import type { Limits } from '../../core/limits.js';
import { SmallMap } from '../small-map.js';
import { ByHost, type CallFrames, type Followed, type InterfacePointer, type Room, type Seen } from './model.js';

/** How an object came to be known: set up by its server, made for a client, or handed out as it was. */
export type Origin = 'well-known' | 'client-activated' | 'marshalled';

/** An object behind a URI. */
export interface RemotingObject extends Followed {
  /** Address of its host. */
  readonly server: string;
  /** Without scheme, host and leading slash, percent-encoding undone. */
  readonly uri: string;
  /** With its assembly, as an ObjRef says it, or else the first call. */
  type: string | null;
  /** Null where nothing tells: its URI is one that remoting made up, and no ObjRef of it was seen. */
  origin: Origin | null;
  /** Channels that its ObjRefs name. */
  readonly channels: Set<string>;
  /** Transports and ports that it was called on. */
  readonly endpoints: Set<string>;
  /** Who received an ObjRef to it. */
  readonly receipts: SmallMap<Receipt>;
  /** Who called it, by address. */
  readonly callers: SmallMap<Caller>;
  lease: Lease | null;
  /** The object that lives by it, where this is a lease. */
  leaseOf: RemotingObject | null;
  /** The interface pointer of COM whose GetSerializedBuffer gave its ObjRef, and its IPID. */
  com: InterfacePointer | null;
  ipid: string | null;
}

/** An ObjRef went from one host to another in calls of this operation. */
export interface Receipt {
  readonly from: string;
  readonly to: string;
  readonly operation: string;
  count: number;
  readonly seen: CallFrames[];
}

/** Calls of one client. */
export interface Caller {
  readonly address: string;
  calls: number;
  failed: number;
  /** Without an answer that they should have. */
  unanswered: number;
  readonly operations: SmallMap<number>;
  readonly first: CallFrames;
  last: CallFrames;
}

/** How long an object lives. Times in seconds. */
export interface Lease {
  initial: number | null;
  state: string | null;
  /** The time left, as it was told last. */
  left: (CallFrames & { readonly seconds: number }) | null;
  readonly renewals: (CallFrames & {
    readonly client: string;
    readonly seconds: number | null;
    readonly left: number | null;
  })[];
  readonly sponsors: SmallMap<Sponsor>;
}

/** Whoever is asked before a lease ends. */
export interface Sponsor {
  readonly server: string;
  readonly uri: string;
  registered: CallFrames | null;
  unregistered: CallFrames | null;
  /** What it answered when it was asked. */
  readonly renewals: (CallFrames & { readonly seconds: number | null })[];
}

/** A URI as objects are known by: neither scheme and host nor what encodes it matter, nor a leading slash. */
export function plainUri(uri: string): string {
  const path = uri.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '').replace(/^\/+/, '');
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** Addresses that channels lead to; names say nothing that a capture could tell. */
export function addressesOf(channels: readonly string[]): string[] {
  return channels.flatMap((uri) => {
    const [, bracketed, plain] = /^[a-z][a-z0-9+.-]*:\/\/(?:\[([^\]]*)\]|([^/:]*))/i.exec(uri) ?? [];
    const host = bracketed ?? plain;
    return host !== undefined && isAddress(host) ? [host] : [];
  });
}

/** Takes calls and knows the objects that remoting reaches. */
export class RemotingObjects {
  readonly all = new Set<RemotingObject>();
  /** Objects that found no room. */
  leftOut = 0;
  /** By URI in lower case, as servers look it up. An object may be known under several addresses of its host. */
  private readonly known = new ByHost<RemotingObject>();
  /** What lives by the lease that a sponsor joined, by the sponsor. */
  private readonly sponsored = new Map<RemotingObject, RemotingObject>();
  /** Number of the call at hand. */
  private now = 0;

  constructor(
    private readonly limits: Limits,
    private readonly room: Room,
  ) {}

  /** The object that a call goes to; null for calls of COM. */
  calledBy(call: Call): RemotingObject | null {
    if (call.object === null || !isRemoting(call)) return null;
    const [, server] = rolesOf(call.connection);
    return this.known.get(server.address, plainUri(call.object).toLowerCase()) ?? null;
  }

  /**
   * Takes the next call, in the order of the capture.
   * @param pointer that the call goes to, where it is one of COM
   */
  add(seen: Seen, facts: readonly Fact[], pointer: InterfacePointer | undefined): void {
    this.now = seen.number;
    const object = this.called(seen);
    const remoted = facts.find((fact) => fact.kind === 'remoted');
    if (remoted !== undefined) {
      this.hand(remoted.message, seen.client, seen.server, seen);
      if (!seen.failed) this.hand(remoted.answer, seen.server, seen.client, seen);
    }
    for (const fact of facts) {
      if (fact.kind === 'serialized') this.serialized(fact, seen, pointer);
      else if (fact.kind === 'constructed') this.constructed(fact, seen);
      else if (object !== null) this.lived(fact, object, seen);
    }
  }

  /** A call to a URI. */
  private called(seen: Seen): RemotingObject | null {
    const { call, client, server, sight } = seen;
    if (call.object === null || !isRemoting(call)) return null;
    const uri = plainUri(call.object);
    const object = this.object(server, uri);
    if (object === undefined) return null;
    if (object.origin === null && !isGenerated(uri)) object.origin = 'well-known';
    object.type ??= call.iface?.name ?? null;
    this.put(object, object.endpoints, channelOf(call.connection));
    const caller = this.room.entry(object, object.callers, client, () => ({
      address: client,
      calls: 0,
      failed: 0,
      unanswered: 0,
      operations: new SmallMap<number>(),
      first: sight,
      last: sight,
    }));
    if (caller === undefined) return object;
    caller.calls++;
    if (seen.failed) caller.failed++;
    if (seen.unanswered) caller.unanswered++;
    caller.last = sight;
    this.room.count(object, caller.operations, operationText(call), 1);
    return object;
  }

  private object(server: string, uri: string): RemotingObject | undefined {
    const key = uri.toLowerCase();
    let object = this.known.get(server, key);
    if (object === undefined) {
      if (this.all.size >= this.limits.objects) {
        this.leftOut++;
        return undefined;
      }
      object = {
        ...{ server, uri, type: null, origin: null, channels: new Set(), endpoints: new Set() },
        ...{ receipts: new SmallMap(), callers: new SmallMap(), lease: null, leaseOf: null, com: null, ipid: null },
        ...{ used: 0, details: 0 },
      };
      this.all.add(object);
      this.known.add(server, key, object);
    }
    this.use(object);
    return object;
  }

  /** Whoever uses an object uses what it stands for: what lives by its lease, and the object of COM. */
  private use(object: RemotingObject): void {
    const owner = object.leaseOf ?? object;
    for (const used of [object, owner, owner.com, owner.com?.object, owner.com?.apartment])
      if (used != null) used.used = this.now;
  }

  /** Knows these no longer. */
  forget(gone: ReadonlySet<RemotingObject>): void {
    this.known.delete(gone);
    for (const object of gone) {
      this.all.delete(object);
      this.room.release(object);
    }
    for (const [sponsor, owner] of this.sponsored)
      if (gone.has(sponsor) || gone.has(owner)) this.sponsored.delete(sponsor);
  }

  /** ObjRefs of a message go from one host to another. */
  private hand(message: Formatted | null, from: string, to: string, seen: Seen): void {
    if (message === null) return;
    for (const objRef of objRefsOf(message)) this.handOver(objRef, from, to, seen);
  }

  private handOver(objRef: ObjRefSummary, from: string, to: string, seen: Seen): RemotingObject | undefined {
    const object = this.named(objRef, from);
    if (object === undefined) return undefined;
    if (objRef.flags.includes('WellKnown')) object.origin = 'well-known';
    else object.origin ??= 'marshalled';
    if (objRef.type !== null) object.type = objRef.type;
    for (const channel of objRef.channels) this.put(object, object.channels, channel);
    const operation = operationText(seen.call);
    const receipt = this.room.entry(object, object.receipts, `${from} ${to} ${operation}`, () => ({
      ...{ from, to, operation, count: 0, seen: [] },
    }));
    if (receipt === undefined) return object;
    receipt.count++;
    this.room.add(object, receipt.seen, seen.sight);
    return object;
  }

  /** The object of an ObjRef: with its sender, unless its channels lead elsewhere. */
  private named(objRef: ObjRefSummary, from: string): RemotingObject | undefined {
    if (objRef.uri === null) return undefined;
    const uri = plainUri(objRef.uri);
    const addresses = addressesOf(objRef.channels);
    const hosts = addresses.length === 0 || addresses.includes(from) ? [from, ...addresses] : addresses;
    const key = uri.toLowerCase();
    const where = hosts.find((host) => this.known.get(host, key) !== undefined);
    const found = this.object(where ?? hosts[0], uri);
    if (found !== undefined)
      for (const host of hosts)
        if (this.known.get(host, key) === undefined && this.room.take(found, 0, [host]))
          this.known.add(host, key, found);
    return found;
  }

  private serialized({ buffer }: FactOf<'serialized'>, seen: Seen, pointer: InterfacePointer | undefined): void {
    if (buffer === null) return;
    for (const objRef of objRefsOf(buffer)) {
      const object = this.handOver(objRef, seen.server, seen.client, seen);
      if (object === undefined) continue;
      object.ipid ??= seen.call.object;
      object.com ??= pointer ?? null;
    }
  }

  private constructed({ objRef, type }: FactOf<'constructed'>, { server }: Seen): void {
    const object = objRef === null ? undefined : this.named(objRef, server);
    if (object === undefined) return;
    object.origin = 'client-activated';
    object.type ??= type;
  }

  /** What calls of an object, its lease or a sponsor tell of how long it lives. */
  private lived(fact: Fact, object: RemotingObject, seen: Seen): void {
    const { client, server, sight, failed } = seen;
    if (failed) return;
    switch (fact.kind) {
      case 'leased':
        this.leaseIs(fact.lease, object, server);
        break;
      case 'lease': {
        const lease = leaseOf(object);
        lease.initial = fact.initial ?? lease.initial;
        lease.state = fact.state ?? lease.state;
        if (fact.left != null) lease.left = { ...sight, seconds: fact.left };
        break;
      }
      case 'renewed': {
        const { seconds, left } = fact;
        this.room.add(object, leaseOf(object).renewals, { ...sight, client, seconds, left });
        break;
      }
      case 'sponsored': {
        const sponsor = fact.sponsor === null ? undefined : this.named(fact.sponsor, client);
        if (sponsor === undefined) break;
        this.sponsored.set(sponsor, object.leaseOf ?? object);
        const entry = this.sponsorOf(object, sponsor);
        if (entry !== undefined) entry[fact.change] ??= sight;
        break;
      }
      case 'renewal': {
        const sponsored = this.sponsored.get(object);
        if (sponsored === undefined) break;
        this.leaseIs(fact.lease, sponsored, client);
        const entry = this.sponsorOf(sponsored, object);
        if (entry !== undefined) this.room.add(object, entry.renewals, { ...sight, seconds: fact.seconds });
        break;
      }
      default:
        break;
    }
  }

  private leaseIs(objRef: ObjRefSummary | null, owner: RemotingObject, from: string): void {
    const lease = objRef === null ? undefined : this.named(objRef, from);
    if (lease === undefined || lease === owner) return;
    lease.leaseOf ??= owner.leaseOf ?? owner;
    leaseOf(owner);
  }

  /** What is known of a sponsor of the lease that an object lives by. */
  private sponsorOf(object: RemotingObject, { server, uri }: RemotingObject): Sponsor | undefined {
    return this.room.entry(object, leaseOf(object).sponsors, `${server} ${uri.toLowerCase()}`, () => ({
      ...{ server, uri, registered: null, unregistered: null, renewals: [] },
    }));
  }

  private put(object: RemotingObject, set: Set<string>, value: string): void {
    if (!set.has(value) && this.room.take(object, set.size, [value])) set.add(value);
  }
}

/** The lease that an object lives by, or that it is. */
function leaseOf(object: RemotingObject): Lease {
  const owner = object.leaseOf ?? object;
  owner.lease ??= { initial: null, state: null, left: null, renewals: [], sponsors: new SmallMap() };
  return owner.lease;
}

/** Whether a host received an ObjRef to an object, from whomever. */
export function hasReceived({ receipts }: RemotingObject, host: string): boolean {
  for (const { to } of receipts.values()) if (to === host) return true;
  return false;
}

/** The address of the channel that a call went to, as .NET writes it: `tcp://10.9.0.20:8085`. */
function channelOf(connection: Connection): string {
  const [, { address, port }] = rolesOf(connection);
  const scheme = connection.transport === 'nrtp_http' ? 'http' : 'tcp';
  return `${scheme}://${address.includes(':') ? `[${address}]` : address}:${port}`;
}
