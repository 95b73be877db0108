/** What the worker tells of objects: a row each, and all of one. Texts are as they are shown. */
import {
  type ApartmentReport,
  nrbf,
  type ObjectReport,
  type ObjectsReport,
  type PointerReport,
  type RemotingReport,
} from '../../index.js';
import { objectName } from '../worker/call-objects.js';
import { shown } from '../worker/shown.js';

/** What is known of an apartment itself. */
export type ApartmentFacts = Omit<ApartmentReport, 'objects'>;
type Frames = PointerReport['first'];
type Serialized = ObjectReport['serialized'][number];

/** An object in the list. */
export interface ObjectRow {
  /** What it is known by: `10.0.0.1 0x1234`. */
  readonly item: string;
  readonly server: string;
  /** OXID; null where nobody named it, and for objects that remoting alone reaches. */
  readonly apartment: string | null;
  /** OID or URI; null where it has no known OID. */
  readonly id: string | null;
  /** Type, or else class. */
  readonly what: string | null;
  readonly isManaged: boolean | null;
  /** `CLR {…}, domain 2`. */
  readonly identity: string | null;
  /** References: given to somebody, given back, and those that somebody is known to hold. */
  readonly references: { readonly given: number; readonly back: number; readonly held: number } | null;
  readonly made: Frames | null;
  readonly released: Frames | null;
  /** How the last client went on with it. */
  readonly way: string | null;
  /** Where remoting reaches it. */
  readonly remoting: string | null;
  readonly calls: number;
  readonly failed: number;
}

/** All of one object, and a filter that leaves its calls. */
export interface ObjectDetail {
  readonly item: string;
  readonly apartment: ApartmentFacts | null;
  readonly object: ObjectReport | null;
  readonly remoting: RemotingReport | null;
  /** Type, or else class. */
  readonly what: string | null;
  /** What it was serialized to. */
  readonly serialized: readonly (Pick<Serialized, 'form' | 'length' | 'frames'> & { readonly text: string })[];
  readonly filter: string | null;
}

/** What `objects` tells beside objects. */
export type ObjectsRest = Pick<ObjectsReport, 'unreached' | 'refusedBinds' | 'warnings'> & {
  readonly apartments: readonly (ApartmentFacts & { readonly objects: number })[];
};

/** Pointers that a filter names. */
const MOST_IN_FILTER = 50;

/** A row an object: those of COM by their apartments, then those that remoting alone reaches. */
export function objectRows({ apartments, remoting }: ObjectsReport): ObjectRow[] {
  const rows = apartments.flatMap((a) => a.objects.map((o) => comRow(a, o)));
  return shown([...rows, ...remoting.map(remotingRow)]);
}

/** All of one object; null where there is none of this name. */
export function objectOf({ apartments, remoting }: ObjectsReport, item: string): ObjectDetail | null {
  for (const { objects, ...apartment } of apartments)
    for (const object of objects)
      if (nameOf(apartment.server, object) === item) return comDetail(item, apartment, object);
  const found = remoting.find(({ server, uri }) => objectName(server, uri) === item);
  if (found === undefined) return null;
  const { what } = remotingRow(found);
  return shown({
    item,
    apartment: null,
    object: null,
    remoting: found,
    what,
    serialized: [],
    filter: uriFilter(found),
  });
}

function comDetail(item: string, apartment: ApartmentFacts, object: ObjectReport): ObjectDetail {
  const serialized = object.serialized.map(({ form, length, frames, objRef, summary }) => ({
    ...{ form, length, frames },
    text: objRef === null ? summary : nrbf.objRefText(objRef),
  }));
  const { what } = comRow(apartment, object);
  return shown({ item, apartment, object, remoting: null, what, serialized, filter: filterOf(object) });
}

/** The object that has an OID or an IPID, by what `ObjectRow` calls it; null where there is none. */
export function objectWith(
  { apartments }: ObjectsReport,
  { oid, ipid }: { readonly oid?: string | undefined; readonly ipid?: string | undefined },
): string | null {
  for (const { server, objects } of apartments)
    for (const object of objects)
      if ((oid !== undefined && object.oid === oid) || object.interfacePointers.some((p) => p.ipid === ipid))
        return nameOf(server, object);
  return null;
}

/** What there is beside objects. */
export function objectsRest({ apartments, unreached, refusedBinds, warnings }: ObjectsReport): ObjectsRest {
  const counted = apartments.map(({ objects, ...apartment }) => ({ ...apartment, objects: objects.length }));
  return shown({ apartments: counted, unreached, refusedBinds, warnings });
}

function nameOf(server: string, { oid, interfacePointers }: ObjectReport): string {
  return objectName(server, oid ?? interfacePointers[0]?.ipid ?? '');
}

function comRow({ server, oxid }: ApartmentFacts, o: ObjectReport): ObjectRow {
  const [serialized] = o.serialized;
  const [identity] = o.identities;
  const references = { given: 0, back: 0, held: 0 };
  let [calls, failed] = [0, 0];
  for (const pointer of o.interfacePointers) {
    const { handedOut, added, privateAdded, released, privateReleased } = pointer.references;
    references.given += handedOut + added + privateAdded;
    references.back += released + privateReleased;
    for (const holder of pointer.holders) references.held += Math.max(0, holder.references);
    calls += pointer.calls;
    failed += pointer.failed;
  }
  const way = o.ways.at(-1)?.text ?? null;
  return {
    item: nameOf(server, o),
    server,
    apartment: oxid,
    id: o.oid,
    what: serialized?.type == null ? (o.className ?? o.clsid) : nrbf.shortType(serialized.type),
    isManaged: o.managed,
    identity: identity === undefined ? null : `CLR ${identity.clr ?? 'unknown'}, domain ${identity.appDomainId}`,
    references,
    made: o.created ?? firstOf(o.interfacePointers),
    released: o.released,
    way: way === null ? null : way.slice(way.indexOf('→') + 1).trim(),
    remoting: o.remoting.length === 0 ? null : o.remoting.map(reached).join('; '),
    calls,
    failed,
  };
}

function firstOf([first, ...others]: readonly PointerReport[]): Frames | null {
  if (first === undefined) return null;
  const at = ({ request, response }: Frames): number => request ?? response ?? 0;
  return others.reduce((least, { first: f }) => (at(f) < at(least) ? f : least), first.first);
}

function remotingRow(o: RemotingReport): ObjectRow {
  return {
    item: objectName(o.server, o.uri),
    server: o.server,
    apartment: null,
    id: o.uri,
    what: o.type === null ? null : nrbf.shortType(o.type),
    isManaged: true,
    identity: null,
    references: null,
    made: o.receipts[0]?.frames[0] ?? o.callers[0]?.first ?? null,
    released: null,
    way: o.origin,
    remoting: reached(o),
    calls: o.callers.reduce((sum, c) => sum + c.calls, 0),
    failed: o.callers.reduce((sum, c) => sum + c.failed, 0),
  };
}

/** `nrtp_tcp:8085, 3 calls` */
function reached({ endpoints, channels, callers }: RemotingReport): string {
  const calls = callers.reduce((sum, c) => sum + c.calls, 0);
  const where = endpoints.length > 0 ? endpoints : channels;
  return [...where, calls === 0 ? 'never called' : `${calls} call${calls === 1 ? '' : 's'}`].join(', ');
}

/** Leaves what has to do with an object: calls that name its OID or one of its IPIDs, and those that go to its URI. */
function filterOf({ oid, interfacePointers, remoting }: ObjectReport): string | null {
  const ipids = interfacePointers.slice(0, MOST_IN_FILTER).map(({ ipid }) => ipid);
  const parts = [
    ...(oid === null ? [] : [`dcom.oid == ${oid}`]),
    ...(ipids.length === 0 ? [] : [`dcom.ipid in {${ipids.join(', ')}}`]),
    ...remoting.map(uriFilter),
  ];
  return parts.length === 0 ? null : parts.join(' || ');
}

function uriFilter({ uri }: RemotingReport): string {
  const text = JSON.stringify(uri);
  return `nrtp.request_uri contains ${text} || http.request.uri contains ${text}`;
}
