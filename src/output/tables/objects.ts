/** The tables of objects and of interface pointers: what `objects` tells, a row each. */
import type { CallFrames } from '../../analysis/objects/model.js';
import type { RemotingReport } from '../../analysis/objects/remoting-report.js';
import type { ApartmentReport, ObjectReport, PointerReport } from '../../analysis/objects/report.js';
import { utf8Bytes } from '../../core/bytes.js';
import { column, type Table } from './column.js';

/** An object of COM with its apartment, or one that only .NET remoting reaches. */
export interface ObjectRow {
  readonly capture: string;
  readonly server: string;
  readonly apartment: ApartmentReport | null;
  readonly object: ObjectReport | null;
  /** What remoting reaches it by. */
  readonly remoting: readonly RemotingReport[];
  /** Whether the row was written ahead of the capture's end: what came later is not in it. */
  readonly isForgotten: boolean;
}

const identity = ({ object }: ObjectRow) => object?.identities[0];
const serialized = ({ object }: ObjectRow) => object?.serialized[0];
const sum = (r: ObjectRow, of: (p: PointerReport) => number): number | null =>
  r.object === null ? null : r.object.interfacePointers.reduce((n, p) => n + of(p), 0);
const held = (p: PointerReport): number => p.holders.reduce((n, { references }) => n + Math.max(0, references), 0);
const frameOf = (frames: CallFrames | null | undefined): number | null => frames?.request ?? frames?.response ?? null;

/** Each client with the way that it took (path.ts). */
const ways = ({ object }: ObjectRow) => object?.ways.map((w) => `${w.client} ${w.way}`) ?? [];

function clientsOf({ object, remoting }: ObjectRow): string[] {
  const holders = object?.interfacePointers.flatMap((p) => p.holders.map(({ address }) => address)) ?? [];
  const callers = remoting.flatMap((r) => r.callers.map(({ address }) => address));
  return [...new Set([...holders, ...callers])];
}

/** One row an object. */
export const OBJECT_TABLE: Table<ObjectRow> = {
  name: 'objects',
  about: 'an object of COM, or one that only .NET remoting reaches',
  columns: [
    column('capture', 'text', 'name of the file', (r) => r.capture),
    column('server_address', 'text', 'where it lives', (r) => r.server),
    column('oxid', 'text', 'its apartment', (r) => r.apartment?.oxid),
    column(
      'oid',
      'text',
      'its OID; null for an object of remoting, and where only calls of it were seen',
      (r) => r.object?.oid,
    ),
    column('clsid', 'text', 'its class', (r) => r.object?.clsid),
    column(
      'managed',
      'flag',
      'whether it is a CLR object, as far as calls tell',
      (r) => r.object?.managed ?? (r.object === null ? true : null),
    ),
    column('apartment_kind', 'text', 'single-threaded, multi-threaded, neutral', (r) => r.apartment?.kind),
    column('process_id', 'count', 'its process, as the IPIDs tell', (r) => r.apartment?.processId),
    column('clr', 'text', 'GUID of its CLR, as GetObjectIdentity says', (r) => identity(r)?.clr),
    column(
      'app_domain_id',
      'number',
      'its application domain, as GetObjectIdentity says',
      (r) => identity(r)?.appDomainId,
    ),
    column('ccw', 'text', 'address of its COM callable wrapper', (r) => identity(r)?.ccw?.value),
    column(
      'serialized_form',
      'text',
      'ObjRef, value, unreadable: what GetSerializedBuffer gave',
      (r) => serialized(r)?.form,
    ),
    column('type', 'text', 'its .NET type, where calls tell it', (r) => serialized(r)?.type ?? r.remoting[0]?.type),
    column(
      'component_process',
      'text',
      'its process, as GetComponentInfo says',
      (r) => r.object?.componentInfo?.processId,
    ),
    column(
      'component_app_domain',
      'text',
      'its application domain, as GetComponentInfo says',
      (r) => r.object?.componentInfo?.appDomain,
    ),
    column('component_uri', 'text', 'its URI, as GetComponentInfo says', (r) => r.object?.componentInfo?.uri),
    column('uris', 'texts', 'URIs by which remoting reaches it', (r) => r.remoting.map(({ uri }) => uri)),
    column('channels', 'texts', 'channels that its ObjRefs name', (r) => [
      ...new Set(r.remoting.flatMap(({ channels }) => channels)),
    ]),
    column('remoting_calls', 'count', 'calls by remoting', (r) =>
      r.remoting.flatMap((x) => x.callers).reduce((n, c) => n + c.calls, 0),
    ),
    column('created_by', 'text', 'who had it made', (r) => r.object?.created?.client),
    column('created_operation', 'text', 'by which operation', (r) => r.object?.created?.operation),
    column('created_frame', 'uint32', 'in which frame', (r) => frameOf(r.object?.created)),
    column('ways', 'texts', 'what each client did to know whether it is its own', ways),
    column('clients', 'texts', 'who held or called it', clientsOf),
    column(
      'interfaces',
      'texts',
      'interfaces of its pointers, null where one is not known',
      (r) => r.object?.interfacePointers.map((p) => p.interface) ?? [],
    ),
    column(
      'refused',
      'texts',
      'interfaces that it was asked for and does not have',
      (r) => r.object?.refused.map((x) => x.interface) ?? [],
    ),
    column('calls', 'count', 'calls of its pointers', (r) => sum(r, (p) => p.calls)),
    column('failed', 'count', 'those that failed, by their return values or a fault', (r) => sum(r, (p) => p.failed)),
    column('unanswered', 'count', 'those that wanted an answer, and got none', (r) => sum(r, (p) => p.unanswered)),
    column('references_held', 'count', 'references that nobody gave back', (r) => sum(r, held)),
    column(
      'released',
      'flag',
      "whether all pointers that were handed out are released; null where they were not, and it was not followed to the capture's end",
      (r) => (r.object === null ? null : r.object.released !== null || (r.isForgotten ? null : false)),
    ),
    column('released_frame', 'uint32', 'the frame of the last release', (r) => frameOf(r.object?.released)),
    column('pings', 'count', 'clients that keep it alive by pings', (r) => r.object?.pings.length),
  ],
};

/** An interface pointer with what it belongs to. */
export interface PointerRow {
  readonly capture: string;
  readonly apartment: ApartmentReport;
  readonly object: ObjectReport;
  readonly pointer: PointerReport;
}

/** One row an interface pointer. */
export const POINTER_TABLE: Table<PointerRow> = {
  name: 'pointers',
  about: 'a pointer to one interface of one object of COM',
  columns: [
    column('capture', 'text', 'name of the file', (r) => r.capture),
    column('server_address', 'text', 'where its object lives', (r) => r.apartment.server),
    column('oxid', 'text', 'the apartment', (r) => r.apartment.oxid),
    column('oid', 'text', 'the object', (r) => r.object.oid),
    column('clsid', 'text', "the object's class", (r) => r.object.clsid),
    column('ipid', 'text', 'the pointer: `object` in `calls`', (r) => r.pointer.ipid),
    column('iid', 'text', 'UUID of the interface', (r) => r.pointer.iid),
    column('interface', 'text', 'its name, else the UUID', (r) => r.pointer.interface),
    column('handed_out', 'count', 'public references given with it', (r) => r.pointer.references.handedOut),
    column('added', 'count', 'those asked for by RemAddRef', (r) => r.pointer.references.added),
    column('released', 'count', 'those given back by RemRelease', (r) => r.pointer.references.released),
    column('references_held', 'count', 'references that nobody gave back', (r) => held(r.pointer)),
    column('holders', 'texts', 'who has some', (r) =>
      r.pointer.holders.filter((h) => h.references > 0).map((h) => h.address),
    ),
    column('calls', 'count', 'calls', (r) => r.pointer.calls),
    column('failed', 'count', 'those that failed, by their return values or a fault', (r) => r.pointer.failed),
    column('unanswered', 'count', 'those that wanted an answer, and got none', (r) => r.pointer.unanswered),
    column('operations', 'json', 'calls by operation', (r) => utf8Bytes(JSON.stringify(r.pointer.operations))),
    column('first_frame', 'uint32', 'the frame in which it was met first', (r) => frameOf(r.pointer.first)),
    column('released_frame', 'uint32', 'the frame of the release that left no reference', (r) =>
      frameOf(r.pointer.released),
    ),
  ],
};
