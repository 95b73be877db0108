/** Where interface pointers are met in a call: in decoded parameters, and in stubs that nobody decodes. */

import type { Call, Half } from '../../../dissectors/call.js';
import { NIL, NO_ID } from '../../../dissectors/dcom/facts.js';
import { type Objref, readObjref } from '../../../dissectors/dcom/objref.js';
import type { Params } from '../../../dissectors/ndr/interface.js';
import { kindOf } from '../../../dissectors/ndr/kinds.js';
import { emptyScope } from '../../../dissectors/ndr/read.js';
import { find, latin1Bytes, viewOf } from '../../core/bytes.js';
import { Cursor } from '../../core/cursor.js';
import { Recording } from '../../core/recording.js';
import { fileSource } from '../../core/source.js';
import { MOST_VALUES } from './model.js';

/** An OBJREF that names an interface pointer. */
export type NamedObjref = Objref & { readonly ipid: string; readonly oxid: string; readonly oid: string };

/** OBJREFs looked for in one stub that is not decoded. */
const MAX_HITS = 16;

const MEOW = latin1Bytes('MEOW');

/** Every OBJREF with an IPID in one direction of a call. */
export function objrefsOf(call: Call, side: 'request' | 'response'): NamedObjref[] {
  const half = side === 'request' ? call.request : call.response;
  if (call.operation?.decoded === true) return objrefsIn(side === 'request' ? call.in : call.out);
  return half?.stub == null ? [] : objrefsInStub(half);
}

/** Walks decoded parameters, with a bound and without recursion. */
function objrefsIn(params: Params | null): NamedObjref[] {
  if (params === null) return [];
  const found: NamedObjref[] = [];
  const todo: unknown[] = [params];
  for (let seen = 0; todo.length > 0 && seen < MOST_VALUES; seen++) {
    const value = todo.pop();
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) continue;
    const isList = Array.isArray(value);
    const kind = isList ? undefined : kindOf(value);
    if (kind === 'bstr') continue;
    if (kind === 'objref' && isNamed(value as Objref)) found.push(value as NamedObjref);
    const inner: readonly unknown[] = isList ? value : Object.values(value);
    for (let i = 0; i < inner.length && i < MOST_VALUES; i++)
      if (typeof inner[i] === 'object' && inner[i] !== null) todo.push(inner[i]);
  }
  return found.reverse();
}

function isNamed(value: Objref): value is NamedObjref {
  const { ipid, oxid, oid } = value;
  return oid !== undefined && ipid !== undefined && ipid !== NIL && oxid !== undefined && oxid !== NO_ID;
}

/** OBJREFs begin with a signature: they are found in stubs of interfaces that only their name is known of. */
function objrefsInStub({ stub }: Half): NamedObjref[] {
  if (stub === null) return [];
  const view = viewOf(stub);
  const found: NamedObjref[] = [];
  let at = find(stub, MEOW);
  for (let hits = 0; at >= 0 && hits < MAX_HITS; hits++) {
    const claimed = at >= 4 ? view.getUint32(at - 4, true) : 0;
    const length = claimed >= 24 && claimed <= stub.length - at ? claimed : stub.length - at;
    const cursor = new Cursor(fileSource('Stub', stub.subarray(at, at + length)), new Recording(false));
    const value = readObjref(cursor, length, emptyScope());
    if (isNamed(value)) found.push(value);
    at = find(stub, MEOW, at + 4);
  }
  return found;
}
