/** The tables of what .NET's messages name: types, and references to objects that live elsewhere. */
import type { Call } from '../../../dissectors/call.js';
import type { Side } from '../../../dissectors/ndr/interface.js';
import { asArray } from '../../../dissectors/nrbf/graph/graph.js';
import { arrayTypeName, type Item, type ObjRefSummary, recordAt } from '../../../dissectors/nrbf/index.js';
import { objRefsOf } from '../../../dissectors/remoting/meaning.js';
import { soapValues } from '../../../dissectors/soap/index.js';
import { libraryOf, MOST_RECORDS, streamFacts } from '../../analysis/audit/streams.js';
import type { Holdings } from '../../analysis/held.js';
import { addressesOf } from '../../analysis/objects/remoting.js';
import { timeOf } from '../../analysis/stats/durations.js';
import { rolesOf } from '../../core/connection.js';
import type { Endpoint } from '../../core/context.js';
import { type Column, column, type Table } from './column.js';

/** Something that a half of a call brought. */
export interface Brought<T> {
  readonly capture: string;
  /** The number of the call. */
  readonly number: number;
  readonly call: Call;
  readonly side: Side;
  readonly what: T;
}

/** A type, and how many objects of it there are. */
interface TypeCount {
  readonly name: string;
  readonly assembly: string | null;
  count: number;
}

const NONE: readonly never[] = [];

/** Sender and receiver. */
function wayOf({ call, side }: Brought<unknown>): readonly [from: Endpoint, to: Endpoint] {
  const [client, server] = rolesOf(call.connection);
  return side === 'request' ? [client, server] : [server, client];
}

const BROUGHT: readonly Column<Brought<unknown>>[] = [
  column('capture', 'text', 'name of the file', (r) => r.capture),
  column('call', 'uint32', 'the call that brought it', (r) => r.number),
  column('time', 'time', 'when its request was captured', (r) => timeOf(r.call)),
  column('direction', 'text', 'in: with the request; out: with the answer', (r) =>
    r.side === 'request' ? 'in' : 'out',
  ),
  column('from_address', 'text', 'who sent it', (r) => wayOf(r)[0].address),
  column('to_address', 'text', 'who received it', (r) => wayOf(r)[1].address),
];

/** One row a type and half of a call. */
export const TYPE_TABLE: Table<Brought<TypeCount>> = {
  name: 'nrbf_types',
  about: 'a .NET type whose objects or arrays a half of a call brought, in whatever format',
  columns: [
    ...BROUGHT,
    column('type', 'text', 'full name', (r) => r.what.name),
    column('assembly', 'text', 'display name of its assembly; null for the system library', (r) => r.what.assembly),
    column('count', 'uint32', 'objects or arrays of it', (r) => r.what.count),
  ],
};

/** One row an ObjRef. */
export const OBJREF_TABLE: Table<Brought<ObjRefSummary>> = {
  name: 'objrefs',
  about: 'an ObjRef that a half of a call brought: a reference by which .NET remoting reaches an object',
  columns: [
    ...BROUGHT,
    column('uri', 'text', 'URI of the object', (r) => r.what.uri),
    column('type', 'text', 'its type, with the assembly', (r) => r.what.type),
    column('interfaces', 'texts', 'interfaces that it is said to have', (r) => r.what.interfaces),
    column('channels', 'texts', 'where it is reached', (r) => r.what.channels),
    column('channel_addresses', 'texts', 'addresses in these', (r) => addressesOf(r.what.channels)),
    column('process_id', 'text', 'the process that it lives in', (r) => r.what.processId),
    column('app_domain_id', 'number', 'and the application domain', (r) => r.what.appDomainId),
    column('well_known', 'flag', 'whether its server set it up under a name', (r) => r.what.wellKnown),
  ],
};

/** Types that a half of a call brought, by what the call holds. */
export function typesBrought({ streams, soaps }: Holdings, from: Side): Iterable<TypeCount> {
  if (streams.length === 0 && soaps.length === 0) return NONE;
  const all = new Map<string, TypeCount>();
  const add = (name: string, assembly: string | null, count: number): void => {
    const key = `${name}, ${assembly}`;
    const known = all.get(key);
    if (known === undefined) all.set(key, { name, assembly, count });
    else known.count += count;
  };
  for (const { side, value: stream } of streams) {
    if (side !== from) continue;
    for (const { name, assembly, count } of streamFacts(stream).classes.values()) add(name, assembly, count);
    for (let i = 0; i < stream.records.length && i < MOST_RECORDS; i++) {
      const array = asArray(recordAt(stream, i) as Item);
      if (array !== null)
        add(arrayTypeName(array.element, array.lengths.length), libraryOf(stream, array.element.libraryId), 1);
    }
  }
  for (const { side, value: soap } of soaps)
    for (const value of side === from ? soapValues(soap) : NONE) {
      // texts and numbers are typed too, by what XML Schema has for them
      const isOwn =
        value.kind === 'object' || value.kind === 'array' || (value.kind === 'scalar' && value.assembly !== null);
      if (isOwn && value.type !== null) add(value.type, value.assembly, 1);
    }
  return all.values();
}

/** ObjRefs that a half of a call brought, by what the call holds. */
export function objRefsBrought({ streams, messages }: Holdings, from: Side): readonly ObjRefSummary[] {
  if (streams.length === 0 && messages.length === 0) return NONE;
  const all: ObjRefSummary[] = [];
  for (const { side, value: stream } of streams)
    if (side === from) for (const { objRef } of streamFacts(stream).objRefs) all.push(objRef);
  for (const { side, value: message } of messages)
    if (side === from && message.nrbf === null) all.push(...objRefsOf(message));
  return all;
}
