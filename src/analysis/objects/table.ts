/**
 * Follows COM objects through the calls of one capture, in order: from activation or the first sight of an interface
 * pointer to the last release (MS-DCOM 3.1.1.5, 3.2.4). Keyed by the host's address with OXID, OID or IPID.
 */
import type { Call } from '../../../dissectors/call.js';
import { factsOfKind, NIL, NO_ID } from '../../../dissectors/dcom/facts.js';
import { IRemUnknown, IRemUnknown2 } from '../../../dissectors/interfaces/IRemUnknown.js';
import { operationText } from '../../../dissectors/ndr/interface.js';
import { factsOf, hasFailed, isUnanswered, mayBeOrpc } from '../../../dissectors/outcome.js';
import { rolesOf } from '../../core/connection.js';
import { DEFAULT_LIMITS, type LimitName, type Limits } from '../../core/limits.js';
import { levelOf } from '../levels.js';
import { SmallMap } from '../small-map.js';
import { type BorderSide, Causalities } from './apartments.js';
import { noteFacts } from './facts.js';
import { followedLimits, type Idle, idleOf } from './idle.js';
import {
  type Apartment,
  ByHost,
  type CallFrames,
  type ComObject,
  type FactTable,
  type Handed,
  type InterfacePointer,
  newApartment,
  newObject,
  Room,
  type Seen,
} from './model.js';
import { RemotingObjects } from './remoting.js';
import { objrefsOf } from './sources.js';

/** Interfaces of an apartment itself (MS-DCOM 1.9). */
const REM_UNKNOWNS = [IRemUnknown.uuid, IRemUnknown2.uuid];

/** Takes calls and knows objects: all of a capture, or those met lately, where somebody takes what is forgotten. */
export class ObjectTable implements FactTable {
  readonly apartments = new Map<string, Apartment>();
  readonly objects = new Set<ComObject>();
  readonly pointers = new ByHost<InterfacePointer>();
  /** What found no room. */
  readonly leftOut = { apartments: 0, objects: 0, pointers: 0 };
  readonly room: Room;
  /** Objects that .NET remoting reaches; some of them came by way of COM. */
  readonly remoting: RemotingObjects;
  private readonly nowhere = new Map<string, Apartment>();
  private readonly byOid = new Map<string, ComObject>();
  /** Host of an OXID: object references may travel through third hosts. */
  private readonly hosts = new Map<string, string>();
  /** Host of an IPID, by its first sight. */
  private readonly homes = new Map<string, string>();
  private readonly causalities = new Causalities();
  /** Calls that were taken. */
  private now = 0;
  /** Up to which of them nothing is forgotten. */
  private resting = 0;
  /** Name of an interface, as the latest call knows it. */
  nameOf: (iid: string) => string = (iid) => iid;
  readonly typesAlone: boolean;
  /** Where something is forgotten: from how much on. */
  private readonly enough: Limits;

  /**
   * @param onIdle is told, before a call, what is forgotten to make room for it, and which limit is met; where it is left
   * out, nothing is forgotten, and what finds no room is counted
   */
  constructor(
    readonly limits: Limits = DEFAULT_LIMITS,
    private readonly onIdle: ((idle: Idle, limit: LimitName) => void) | null = null,
  ) {
    this.typesAlone = onIdle !== null;
    this.enough = followedLimits(limits);
    this.room = new Room(limits);
    this.remoting = new RemotingObjects(limits, this.room);
  }

  /** What there is more than enough of. */
  private get full(): LimitName | null {
    const { apartments, objects, pointers, remoting, enough, room } = this;
    if (apartments.size >= enough.apartments) return 'apartments';
    if (objects.size >= enough.objects || remoting.all.size >= enough.objects) return 'objects';
    if (pointers.size >= enough.pointers) return 'pointers';
    return room.taken >= enough.details ? 'details' : null;
  }

  /** Hands on what is idle, and forgets it. */
  private makeRoom(full: LimitName): void {
    const idle = idleOf(this, this.enough);
    this.onIdle?.(idle, full);
    this.forget(idle);
    const { apartments, objects, pointers, remoting } = this;
    // pings and the like keep all in use: looking for idle ones at each call would take longer than the calls
    if (this.full !== null)
      this.resting = this.now + apartments.size + objects.size + pointers.size + remoting.all.size;
  }

  /** Takes the next call, in the order of the capture; `facts` are what it tells. */
  add(call: Call, facts = factsOf(call)): void {
    this.now++;
    const full = this.onIdle === null || this.now < this.resting ? null : this.full;
    if (full !== null) this.makeRoom(full);
    const seen = this.seenOf(call);
    this.nameOf = call.nameOf;
    if (call.object !== null && call.object !== NIL && mayBeOrpc(call)) this.called(seen, call.object);
    noteFacts(this, seen, facts);
    this.remoting.add(seen, facts, call.object === null ? undefined : this.known(seen.server, call.object));
    for (const o of objrefsOf(call, 'request')) this.handOver(o, seen.client, seen.server, seen.sight);
    const given = seen.failed ? [] : objrefsOf(call, 'response');
    if (given.length === 0) return;
    // pointers that the facts name were asked for
    const asked = new Set(factsOfKind(facts, 'asked').map(({ pointer }) => pointer?.ipid));
    for (const o of given) if (!asked.has(o.ipid)) this.handOver(o, seen.server, seen.client, seen.sight);
  }

  apartment(server: string, oxid: string): Apartment | undefined {
    const key = `${server} ${oxid}`;
    let apartment = this.apartments.get(key);
    if (apartment === undefined) {
      if (this.apartments.size >= this.limits.apartments) {
        this.leftOut.apartments++;
        return undefined;
      }
      apartment = newApartment(server, oxid);
      this.apartments.set(key, apartment);
      if (!this.hosts.has(oxid)) this.hosts.set(oxid, server);
    }
    apartment.used = this.now;
    return apartment;
  }

  /** Stands for the apartments of a host that no call named. */
  nameless(server: string): Apartment {
    let apartment = this.nowhere.get(server);
    if (apartment === undefined) {
      apartment = newApartment(server, null);
      // one for each host that has a pointer: bounded as these are
      this.nowhere.set(server, apartment);
    }
    return apartment;
  }

  pointer(
    server: string,
    ipid: string,
    sight: CallFrames,
    iid: string | null,
    oid: string = NO_ID,
  ): InterfacePointer | undefined {
    let pointer = this.pointers.get(server, ipid);
    if (pointer === undefined) {
      if (ipid === NIL) return undefined;
      if (this.pointers.size >= this.limits.pointers) {
        this.leftOut.pointers++;
        return undefined;
      }
      pointer = {
        server,
        ipid,
        iid: null,
        object: null,
        apartment: null,
        first: sight,
        references: { handedOut: 0, added: 0, released: 0, privateAdded: 0, privateReleased: 0 },
        holders: new SmallMap(),
        lastRelease: null,
        calls: 0,
        failed: 0,
        unanswered: 0,
        operations: new SmallMap(),
        used: 0,
        details: 0,
      };
      this.pointers.add(server, ipid, pointer);
      if (!this.homes.has(ipid)) this.homes.set(ipid, server);
    }
    pointer.iid ??= iid;
    if (pointer.object === null && oid === NO_ID && !isRemUnknown(pointer))
      this.own(pointer, this.newObject(server, null));
    pointer.used = this.now;
    if (pointer.object !== null) pointer.object.used = this.now;
    if (pointer.apartment !== null) pointer.apartment.used = this.now;
    return pointer;
  }

  known(server: string, ipid: string): InterfacePointer | undefined {
    return this.pointers.get(server, ipid);
  }

  object(server: string, oid: string): ComObject | undefined {
    const known = this.byOid.get(`${server} ${oid}`);
    if (known !== undefined) known.used = this.now;
    if (known !== undefined || oid === NO_ID) return known;
    const object = this.newObject(server, oid);
    if (object !== undefined) this.byOid.set(`${server} ${oid}`, object);
    return object;
  }

  /** The object of an OID, by the OXID of its apartment. */
  find(oxid: string, oid: string): ComObject | undefined {
    const host = this.hosts.get(oxid);
    return host === undefined ? undefined : this.byOid.get(`${host} ${oid}`);
  }

  place(pointer: InterfacePointer, oxid: string, oid: string): void {
    if (oxid !== NO_ID) this.settle(pointer, this.apartment(pointer.server, oxid));
    if (oid !== NO_ID && !isRemUnknown(pointer)) this.own(pointer, this.object(pointer.server, oid));
  }

  settle(pointer: InterfacePointer, apartment: Apartment | undefined): void {
    if (apartment === undefined || pointer.apartment === apartment) return;
    apartment.used = this.now;
    pointer.apartment = apartment;
    apartment.clues.add(pointer.ipid);
  }

  handOver(o: Handed, from: string, to: string, sight: CallFrames): InterfacePointer | undefined {
    const server = this.hostOf(o, from);
    const pointer = this.pointer(server, o.ipid, sight, o.iid === NIL ? null : o.iid, o.oid);
    if (pointer === undefined) return undefined;
    this.place(pointer, o.oxid, o.oid);
    // a reference that comes home is given back with it and held by nobody else
    if (to !== server) this.give(pointer, to, o.publicRefs ?? 0);
    return pointer;
  }

  give(pointer: InterfacePointer, holder: string, references: number): void {
    pointer.references.handedOut += references;
    this.room.count(pointer, pointer.holders, holder, references);
  }

  /** The pointer that a call goes to; undefined for calls to none that was seen. */
  pointerOf(call: Call): InterfacePointer | undefined {
    if (call.object === null) return undefined;
    const [, server] = rolesOf(call.connection);
    return this.known(this.homeOf(call.object, server.address), call.object);
  }

  /** The apartment that an IPID's calls go to, and the one that they come from, for the border between them. */
  sidesOf(call: Call): { caller: BorderSide; callee: BorderSide } {
    const { client, server, sight } = this.seenOf(call);
    const apartment = this.pointerOf(call)?.apartment ?? null;
    return {
      caller: this.causalities.callerOf(call.causality, client, sight.request ?? 0),
      callee: { address: server, oxid: apartment?.oxid ?? null, place: apartment?.clues.place ?? null },
    };
  }

  private seenOf(call: Call): Seen {
    const [client, server] = rolesOf(call.connection);
    return {
      call,
      client: client.address,
      server: call.object === null ? server.address : this.homeOf(call.object, server.address),
      sight: { request: call.request?.frames[0] ?? null, response: call.response?.frames.at(-1) ?? null },
      failed: hasFailed(call),
      unanswered: isUnanswered(call),
      number: this.now,
    };
  }

  /** The address under which a host with several is known: an apartment's bindings name all of them. */
  private homeOf(ipid: string, server: string): string {
    if (this.pointers.get(server, ipid) !== undefined) return server;
    const home = this.homes.get(ipid);
    const bindings = home === undefined ? undefined : this.known(home, ipid)?.apartment?.bindings;
    return home !== undefined && bindings?.some((b) => b.startsWith(`${server}[`)) ? home : server;
  }

  private newObject(server: string, oid: string | null): ComObject | undefined {
    if (this.objects.size >= this.limits.objects) {
      this.leftOut.objects++;
      return undefined;
    }
    const object = newObject(server, oid);
    object.used = this.now;
    this.objects.add(object);
    return object;
  }

  /** Where the object of an OBJREF lives: with its sender, unless its OXID is known to be another host's. */
  private hostOf(o: Handed, from: string): string {
    if (this.apartments.has(`${from} ${o.oxid}`)) return from;
    const known = this.hosts.get(o.oxid);
    if (known !== undefined) return known;
    const addresses = (o.bindings ?? []).map((b) => b.replace(/\[\d*\]$/, '')).filter((a) => /^[\d.]+$|:.*:/.test(a));
    return addresses.length === 0 || addresses.includes(from) ? from : addresses[0];
  }

  /** Makes a pointer one of an object's; what was known of its nameless object moves along. */
  private own(pointer: InterfacePointer, object: ComObject | undefined): void {
    const before = pointer.object;
    if (object === undefined || before === object) return;
    pointer.object = object;
    object.used = this.now;
    object.pointers.add(pointer);
    if (before === null) return;
    before.pointers.delete(pointer);
    if (before.oid !== null || before.pointers.size > 0) return;
    this.objects.delete(before);
    for (const step of before.steps) this.room.add(object, object.steps, step);
    for (const s of before.serialized) this.room.add(object, object.serialized, s);
    for (const i of before.identities) this.room.add(object, object.identities, i);
    for (const [iid, r] of before.refusals ?? []) {
      object.refusals ??= new SmallMap();
      this.room.entry(object, object.refusals, iid, () => r);
    }
    const { component } = before;
    object.component.processId ??= component.processId;
    object.component.appDomain ??= component.appDomain;
    object.component.uri ??= component.uri;
    for (const o of component.others) this.room.add(object, object.component.others, o);
    for (const s of component.seen) this.room.add(object, object.component.seen, s);
    this.room.release(before);
  }

  /** A call to an IPID. */
  private called(seen: Seen, ipid: string): void {
    const { call, server, client, sight } = seen;
    const pointer = this.pointer(server, ipid, sight, call.interfaceFrom === 'guess' ? null : call.iid);
    if (pointer === undefined) return;
    pointer.iid ??= call.iid;
    // the resolver names IRemUnknown by its IPID alone: the bind tells which of the two it is
    if (isRemUnknown(pointer) && call.interfaceFrom === 'bind') pointer.iid = call.iid;
    pointer.calls++;
    if (seen.failed) pointer.failed++;
    if (seen.unanswered) pointer.unanswered++;
    const name = operationText(call);
    this.room.count(pointer, pointer.operations, name, 1);
    if (pointer.iid !== null && REM_UNKNOWNS.includes(pointer.iid)) this.disown(pointer);
    const apartment = pointer.apartment ?? this.nameless(server);
    const { type, user } = call.auth;
    const level = levelOf(call.auth);
    const secured = this.room.entry(apartment, apartment.security, `${type} ${level} ${user}`, () => ({
      type,
      level,
      user,
      calls: 0,
    }));
    if (secured !== undefined) secured.calls++;
    this.room.count(apartment, apartment.clients, client, 1);
    const { ports } = apartment;
    const [, { port }] = rolesOf(call.connection);
    if (!ports.has(port) && this.room.take(apartment, ports.size, [port])) ports.add(port);
    if (call.causality !== null && sight.request !== null && apartment.oxid !== null) {
      const side: BorderSide = { address: server, oxid: apartment.oxid, place: apartment.clues.place };
      this.causalities.add(call.causality, side, sight.request, sight.response ?? Number.POSITIVE_INFINITY);
    }
  }

  /** IRemUnknown is the apartment's, not an object's. */
  private disown(pointer: InterfacePointer): void {
    const { object } = pointer;
    if (object === null) return;
    pointer.object = null;
    object.pointers.delete(pointer);
    if (object.oid !== null || object.pointers.size > 0) return;
    this.objects.delete(object);
    this.room.release(object);
  }

  /** Knows these no longer. */
  private forget({ apartments, objects, pointers, remoting }: Idle): void {
    for (const gone of [apartments, objects, pointers]) for (const kept of gone) this.room.release(kept);
    for (const { server, oxid } of apartments) {
      this.apartments.delete(`${server} ${oxid}`);
      if (oxid !== null && this.hosts.get(oxid) === server) this.hosts.delete(oxid);
    }
    for (const object of objects) {
      this.objects.delete(object);
      this.byOid.delete(`${object.server} ${object.oid}`);
    }
    for (const { server, ipid } of pointers) if (this.homes.get(ipid) === server) this.homes.delete(ipid);
    this.pointers.delete(pointers);
    for (const [server, apartment] of this.nowhere)
      if (!this.pointers.hasHost(server) && this.nowhere.delete(server)) this.room.release(apartment);
    this.remoting.forget(remoting);
  }
}

function isRemUnknown(pointer: InterfacePointer): boolean {
  return pointer.iid !== null && REM_UNKNOWNS.includes(pointer.iid);
}
