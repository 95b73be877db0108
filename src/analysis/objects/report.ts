/** What `objects` tells of one capture, as plain JSON: apartments, their objects, and their interface pointers. */

import { IManagedObject } from '../../../dissectors/interfaces/IManagedObject.js';
import { IRemoteDispatch } from '../../../dissectors/interfaces/IRemoteDispatch.js';
import { IServicedComponentInfo } from '../../../dissectors/interfaces/IServicedComponentInfo.js';
import { describeHresult, type Hresult } from '../../../dissectors/names/hresult.js';
import type { Attempt } from '../../core/context.js';
import { type LimitName, leftOutNote } from '../../core/limits.js';
import { levelText } from '../levels.js';
import { Refusals, type RefusedBind } from '../refusals.js';
import { type Border, borderBetween, type ProcessPlace } from './apartments.js';
import type { Idle } from './idle.js';
import type {
  Apartment,
  CallFrames,
  ComObject,
  ComponentInfo,
  Identity,
  InterfacePointer,
  Ping,
  ReferenceCounts,
  Serialized,
} from './model.js';
import { type Way, waysOf } from './path.js';
import { type RemotingReport, RemotingReports } from './remoting-report.js';
import type { ObjectTable } from './table.js';

export interface PointerReport {
  ipid: string;
  iid: string | null;
  interface: string | null;
  references: ReferenceCounts;
  /** References that each host still has. */
  holders: { address: string; references: number }[];
  calls: number;
  failed: number;
  unanswered: number;
  operations: Record<string, number>;
  first: CallFrames;
  /** The release that left no reference; null while there are some. */
  released: CallFrames | null;
  lastRelease: CallFrames | null;
}

export interface RefusalReport {
  iid: string;
  interface: string;
  hresult: Hresult;
  count: number;
  frames: CallFrames[];
}

export interface ObjectReport {
  oid: string | null;
  clsid: string | null;
  /** What the user calls its class (`--registry`); null where he does not say. */
  className: string | null;
  created: ComObject['created'];
  /** Whether it is a CLR object: true where it has IManagedObject, false where it refused it. */
  managed: boolean | null;
  identities: (Omit<Identity, 'seen'> & { frames: CallFrames[] })[];
  serialized: (Omit<Serialized, 'seen'> & { frames: CallFrames[] })[];
  componentInfo: (Omit<ComponentInfo, 'seen'> & { frames: CallFrames[] }) | null;
  /** What each client did to know whether the object is its own. */
  ways: Way[];
  /** What its serialized form leads to. */
  remoting: RemotingReport[];
  refused: RefusalReport[];
  pings: Ping[];
  interfacePointers: PointerReport[];
  /** The release after which nobody held a reference. */
  released: CallFrames | null;
}

export interface ApartmentReport {
  server: string;
  oxid: string | null;
  kind: ProcessPlace['kind'] | null;
  processId: number | null;
  threadId: number | null;
  bindings: string[];
  securityBindings: string[];
  ports: number[];
  remUnknown: { ipid: string; iid: string | null; interface: string | null; calls: number } | null;
  authnHint: string | null;
  comVersion: string | null;
  security: { type: string | null; level: string; user: string | null; calls: number }[];
  clients: { address: string; calls: number; crosses: Border }[];
  objects: ObjectReport[];
}

export interface ObjectsReport {
  capture: string;
  apartments: ApartmentReport[];
  /** Objects that .NET remoting reaches, but for those that came by way of COM: these stand with their objects. */
  remoting: RemotingReport[];
  /** Endpoints that an OXID or object reference named, and connections to which never came about. */
  unreached: Attempt[];
  /** Interfaces that a server refused in a bind or alter_context. */
  refusedBinds: RefusedBind[];
  warnings: { code: string; message: string }[];
}

/** A report whose apartments are made as they are asked for: all of them at once take as much again as the table. */
export type LazyReport = Omit<ObjectsReport, 'apartments'> & { readonly apartments: Iterable<ApartmentReport> };

/** Puts the table of a capture that is over into a report. */
export function objectsReport(table: ObjectTable, capture: string, refusals = new Refusals()): ObjectsReport {
  const report = lazyReport(table, capture, refusals);
  return { ...report, apartments: [...report.apartments] };
}

/**
 * The same, apartment by apartment.
 * @param among what is told of; all where it is left out
 */
export function lazyReport(
  table: ObjectTable,
  capture: string,
  refusals = new Refusals(),
  { objects, remoting }: Pick<Idle, 'objects' | 'remoting'> = { objects: table.objects, remoting: table.remoting.all },
): LazyReport {
  const { attempts, binds } = refusals;
  const proxies = new RemotingReports(remoting);
  const apartments = apartmentReports(table, objects, proxies);
  return {
    capture,
    apartments,
    remoting: proxies.rest(),
    unreached: attempts,
    refusedBinds: binds,
    warnings: limits(table),
  };
}

function* apartmentReports(
  table: ObjectTable,
  among: Iterable<ComObject>,
  proxies: RemotingReports,
): Generator<ApartmentReport> {
  const homes = new Map<Apartment, ComObject[]>();
  for (const apartment of table.apartments.values()) homes.set(apartment, []);
  for (const object of among) {
    const home = homeOf(object) ?? table.nameless(object.server);
    const objects = homes.get(home);
    if (objects === undefined) homes.set(home, [object]);
    else objects.push(object);
  }
  for (const [apartment, objects] of homes)
    yield {
      ...apartmentReport(table, apartment),
      objects: objects.map((object) => objectReport(table, object, proxies.of(object))),
    };
}

/** The apartment that most of an object's pointers are known to live in. */
function homeOf(object: ComObject): Apartment | null {
  for (const pointer of object.pointers) if (pointer.apartment !== null) return pointer.apartment;
  return null;
}

function apartmentReport(table: ObjectTable, a: Apartment): Omit<ApartmentReport, 'objects'> {
  const { place } = a.clues;
  const callee = { address: a.server, oxid: a.oxid, place };
  const { remUnknown } = a;
  return {
    server: a.server,
    oxid: a.oxid,
    kind: place?.kind ?? null,
    processId: place?.processId ?? null,
    threadId: place?.threadId ?? null,
    bindings: a.bindings,
    securityBindings: a.securityBindings,
    ports: [...a.ports],
    remUnknown:
      remUnknown === null
        ? null
        : {
            ipid: remUnknown.ipid,
            iid: remUnknown.iid,
            interface: nameOf(table, remUnknown.iid),
            calls: remUnknown.calls,
          },
    authnHint: a.authnHint === null ? null : levelText(a.authnHint),
    comVersion: a.comVersion,
    security: [...a.security.values()].map((s) => ({ ...s, level: levelText(s.level) })),
    clients: [...a.clients].map(([address, calls]) => ({
      address,
      calls,
      crosses: borderBetween({ address, oxid: null, place: null }, callee),
    })),
  };
}

function objectReport(table: ObjectTable, o: ComObject, proxies: RemotingReport[]): ObjectReport {
  const pointers = [...o.pointers];
  const { seen: told, ...component } = o.component;
  return {
    oid: o.oid,
    clsid: o.clsid,
    className: o.className,
    created: o.created,
    managed: isManaged(o),
    identities: o.identities.map(({ seen, ...rest }) => ({ ...rest, frames: seen })),
    serialized: o.serialized.map(({ seen, ...rest }) => ({ ...rest, frames: seen })),
    componentInfo: told.length === 0 ? null : { ...component, frames: told },
    ways: waysOf(o, proxies),
    remoting: proxies,
    refused: [...(o.refusals?.values() ?? [])].map(({ iid, hresult, count, seen }) => ({
      iid,
      interface: table.nameOf(iid),
      hresult: describeHresult(hresult),
      count,
      frames: seen,
    })),
    pings: [...(o.pings?.values() ?? [])],
    interfacePointers: pointers.map((p) => pointerReport(table, p)),
    released: releasedBy(pointers),
  };
}

/** Interfaces that only CLR objects have. */
const MANAGED_IIDS = [IManagedObject.uuid, IRemoteDispatch.uuid, IServicedComponentInfo.uuid];

/** Whether an object is one of a CLR, as far as the calls tell. */
export function isManaged(o: ComObject): boolean | null {
  if (o.identities.length > 0 || o.serialized.length > 0) return true;
  if (o.steps.some((s) => s.outcome === 'granted' || s.outcome === 'answered')) return true;
  for (const p of o.pointers) if (p.iid !== null && MANAGED_IIDS.includes(p.iid)) return true;
  return o.refusals?.get(IManagedObject.uuid) === undefined ? null : false;
}

function pointerReport(table: ObjectTable, p: InterfacePointer): PointerReport {
  return {
    ipid: p.ipid,
    iid: p.iid,
    interface: nameOf(table, p.iid),
    references: p.references,
    holders: [...p.holders].map(([address, references]) => ({ address, references })),
    calls: p.calls,
    failed: p.failed,
    unanswered: p.unanswered,
    operations: Object.fromEntries(p.operations),
    first: p.first,
    released: isReleased(p) ? p.lastRelease : null,
    lastRelease: p.lastRelease,
  };
}

function nameOf(table: ObjectTable, iid: string | null): string | null {
  return iid === null ? null : table.nameOf(iid);
}

/** Whether somebody gave references back and nobody is known to hold any. */
function isReleased(p: InterfacePointer): boolean {
  return p.lastRelease !== null && [...p.holders.values()].every((references) => references <= 0);
}

/** The last release of an object of which every pointer that was handed out is released. */
function releasedBy(pointers: readonly InterfacePointer[]): CallFrames | null {
  const held = pointers.filter((p) => p.references.handedOut + p.references.added > 0 || p.lastRelease !== null);
  if (held.length === 0 || !held.every(isReleased)) return null;
  return held.map((p) => p.lastRelease!).reduce((a, b) => ((a.request ?? 0) >= (b.request ?? 0) ? a : b));
}

function limits(table: ObjectTable): ObjectsReport['warnings'] {
  const { objects, ...others } = table.leftOut;
  const all = { ...others, objects: objects + table.remoting.leftOut, ...table.room.leftOut };
  const leftOut = Object.entries(all) as [LimitName, number][];
  return leftOut.filter(([, n]) => n > 0).map(([name, n]) => leftOutNote(name, table.limits, n));
}
