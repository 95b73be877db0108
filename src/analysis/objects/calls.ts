/** What the table of objects tells about a single call: its apartment, and the managed types of interface pointers. */
import type { Call } from '../../../dissectors/call.js';
import type { ObjectTypes } from '../../../dissectors/dcom/managed.js';
import { plainName } from '../audit/streams.js';
import { type ApartmentKind, type Border, borderBetween } from './apartments.js';
import { isManaged } from './report.js';
import type { ObjectTable } from './table.js';

/** Where a call's object lives, and the border that the call crosses to get there. */
export interface CallApartment {
  readonly oxid: string | null;
  readonly kind: ApartmentKind | null;
  readonly processId: number | null;
  readonly threadId: number | null;
  readonly crosses: Border;
  /** The apartment that it comes from, where it is known: a call made while another one was served. */
  readonly caller: { readonly oxid: string | null; readonly kind: ApartmentKind | null } | null;
  /** COM's marshaller carries every call seen here; the CLR's takes part where the object is managed. */
  readonly marshalling: 'COM' | 'COM and interop';
}

/** The apartment of a call to an object; null for calls that go to none. */
export function apartmentOf(table: ObjectTable, call: Call): CallApartment | null {
  const pointer = table.pointerOf(call);
  if (pointer === undefined) return null;
  const { caller, callee } = table.sidesOf(call);
  const { object } = pointer;
  return {
    oxid: callee.oxid,
    kind: callee.place?.kind ?? null,
    processId: callee.place?.processId ?? null,
    threadId: callee.place?.threadId ?? null,
    crosses: borderBetween(caller, callee),
    caller: caller.oxid === null ? null : { oxid: caller.oxid, kind: caller.place?.kind ?? null },
    marshalling: object !== null && isManaged(object) === true ? 'COM and interop' : 'COM',
  };
}

/** Managed types of interface pointers, as far as they are known by now. */
export function objectTypes(table: ObjectTable): ObjectTypes {
  return ({ oxid, oid }) => {
    const object = oxid === undefined || oid === undefined ? undefined : table.find(oxid, oid);
    if (object === undefined || isManaged(object) !== true) return null;
    const type = object.serialized.find((s) => s.type !== null)?.type;
    return type == null ? 'System.MarshalByRefObject' : plainName(type);
  };
}
