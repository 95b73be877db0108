/** OBJREF: an interface pointer as bytes (MS-DCOM 2.2.18). Always little endian, inside a MInterfacePointer. */
import type { Cursor } from '../../src/core/cursor.js';
import { type Field, fieldsInto } from '../../src/core/node.js';
import { countedBytes } from '../ndr/counted-bytes.js';
import { KIND, type Tagged } from '../ndr/kinds.js';
import { NdrReader, type StubScope } from '../ndr/read.js';
import { as, guid, id64, type NdrValue, pointer, struct, u32 } from '../ndr/types.js';
import { bindingTexts, type DualStringArray, readDualStringArray } from './dual-string-array.js';
import { ERROR_OBJECT, readErrorInfo } from './error-info.js';

/** `MEOW`, read as a little-endian number. */
export const OBJREF_SIGNATURE = 0x574f454d;

const TYPES: Readonly<Record<number, Objref['type']>> = { 1: 'standard', 2: 'handler', 4: 'custom', 8: 'extended' };

export const OBJREF_FIELDS: Field[] = [];
const f = fieldsInto(OBJREF_FIELDS);
const OBJREF = f('dcom.objref', 'OBJREF');
const CNT_DATA = f('dcom.ip_cnt_data', 'Bytes', 'uint32');
const SIGNATURE = f('dcom.objref.signature', 'Signature', 'uint32', { hex: true });
const FLAGS = f('dcom.objref.flags', 'Kind', 'uint32', { hex: true, names: TYPES });
const IID = f('dcom.iid', 'IID', 'guid');
const CLSID = f('dcom.clsid', 'CLSID', 'guid');
const CB_EXTENSION = f('dcom.objref.cbextension', 'Extension size', 'uint32');
const SIZE = f('dcom.objref.size', 'Size', 'uint32');
const OBJECT_DATA = f('dcom.objref.data', 'Object data', 'bytes');
const RESOLVER = f('dcom.objref.resolver_address', 'Resolver address');
const STDOBJREF_FIELD = f('dcom.stdobjref', 'STDOBJREF');
const ELEMENTS = f('dcom.objref.elements', 'Elements', 'uint32');
const ELEMENT = f('dcom.objref.element', 'Data element');
const ELEMENT_ID = f('dcom.objref.element_id', 'Data id', 'guid');
const ROUNDED = f('dcom.objref.rounded', 'Rounded size', 'uint32');

/** STDOBJREF (MS-DCOM 2.2.18.2). */
export const STDOBJREF = struct('STDOBJREF', 'dcom.stdobjref', {
  flags: as(u32, { name: 'dcom.stdobjref.flags', label: 'Flags', hex: true }),
  cPublicRefs: as(u32, { name: 'dcom.stdobjref.public_refs', label: 'Public references', hex: true }),
  oxid: as(id64, { name: 'dcom.oxid', label: 'OXID' }),
  oid: as(id64, { name: 'dcom.oid', label: 'OID' }),
  ipid: as(guid, { name: 'dcom.ipid', label: 'IPID' }),
});

/**
 * Reads the object data of an OBJREF_CUSTOM up to the end of the region.
 * @returns what it holds, by the names of its structures
 */
export type Unmarshaler = (c: Cursor, scope: StubScope) => { [name: string]: NdrValue };

/** Unmarshalers by CLSID. Activation properties hold OBJREFs themselves, and are entered by their own file. */
export const UNMARSHALERS = new Map<string, Unmarshaler>([[ERROR_OBJECT, (c) => ({ ErrorInfo: readErrorInfo(c) })]]);

/** Values of STDOBJREF's members. */
export interface StdObjref {
  readonly flags: number;
  readonly cPublicRefs: number;
  readonly oxid: string;
  readonly oid: string;
  readonly ipid: string;
}

/** An interface pointer as `calls` prints it; members that its type lacks are absent. */
export interface Objref extends Tagged<'objref'> {
  readonly type: 'standard' | 'handler' | 'custom' | 'extended' | 'unknown';
  readonly iid: string;
  readonly flags?: number;
  readonly publicRefs?: number;
  readonly oxid?: string;
  readonly oid?: string;
  readonly ipid?: string;
  readonly clsid?: string;
  readonly bindings?: readonly string[];
  readonly securityBindings?: readonly {
    readonly authnSvc: number;
    readonly authzSvc: number;
    readonly principal: string;
  }[];
  /** OBJREF_CUSTOM: what the unmarshaller named by `clsid` would read; decoded where it is known. */
  readonly data?: Uint8Array;
  readonly properties?: { [name: string]: NdrValue };
  /** OBJREF_EXTENDED: envoy data. */
  readonly elements?: readonly { readonly id: string; readonly data: Uint8Array }[];
  /** The whole OBJREF as sent, for encoding. */
  readonly bytes: Uint8Array;
}

/** ulCntData and the OBJREF (MS-DCOM 2.2.14), behind an interface pointer's pointer. */
export const MINTERFACE_POINTER = countedBytes('objref', CNT_DATA, 'an interface pointer', OBJREF_FIELDS, (r, room) =>
  readObjref(r.c, room, r.scope),
);

/** `IUnknown*` as a parameter: null or an `Objref`. */
export const INTERFACE_POINTER = pointer(MINTERFACE_POINTER);

/** Reads an OBJREF of `length` bytes. Where it fails, its bytes stay and what was read of it is lost to the value only. */
export function readObjref(c: Cursor, length: number, scope: StubScope): Objref {
  const start = c.pos;
  const objref: Mutable<Objref> = {
    [KIND]: 'objref',
    type: 'unknown',
    iid: '',
    bytes: c.bytes.subarray(start, Math.min(start + length, c.end)),
  };
  c.enter();
  c.frame(OBJREF, length, (f) => {
    f.littleEndian = true;
    readBody(f, objref, scope);
  });
  c.leave();
  if (objref.ipid !== undefined) scope.found.objrefs.push(objref);
  return objref;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function readBody(c: Cursor, o: Mutable<Objref>, scope: StubScope): void {
  if (c.u32(SIGNATURE, '"MEOW"') !== OBJREF_SIGNATURE) c.fail('an OBJREF that does not begin with MEOW');
  const flags = c.u32(FLAGS, (n) => TYPES[n] ?? 'unknown');
  o.iid = c.guid(IID);
  o.type = TYPES[flags] ?? 'unknown';
  c.tell(`${o.type}, IID ${o.iid}`);
  switch (o.type) {
    case 'standard':
      standard(c, o, scope);
      bindings(c, o);
      break;
    case 'handler':
      standard(c, o, scope);
      o.clsid = c.guid(CLSID);
      bindings(c, o);
      break;
    case 'custom':
      custom(c, o, scope);
      break;
    case 'extended':
      standard(c, o, scope);
      c.u32(SIGNATURE);
      bindings(c, o);
      extended(c, o, scope);
      break;
    default:
      c.fail(`an OBJREF of unknown kind ${flags}`);
  }
}

function standard(c: Cursor, o: Mutable<Objref>, scope: StubScope): void {
  const box: Record<string, NdrValue> = {};
  new NdrReader(c, false, scope, c.pos).whole(STDOBJREF, STDOBJREF_FIELD, box, 'std');
  const std = box.std as unknown as StdObjref;
  o.flags = std.flags;
  o.publicRefs = std.cPublicRefs;
  o.oxid = std.oxid;
  o.oid = std.oid;
  o.ipid = std.ipid;
}

function bindings(c: Cursor, o: Mutable<Objref>): void {
  const dsa: DualStringArray = c.group(RESOLVER, readDualStringArray);
  o.bindings = bindingTexts(dsa);
  o.securityBindings = dsa.securityBindings;
}

function custom(c: Cursor, o: Mutable<Objref>, scope: StubScope): void {
  o.clsid = c.guid(CLSID);
  const extension = c.u32(CB_EXTENSION);
  c.u32(SIZE);
  if (extension > 0) c.raw(OBJECT_DATA, Math.min(extension, c.left));
  const unmarshal = UNMARSHALERS.get(o.clsid);
  if (unmarshal !== undefined) o.properties = unmarshal(c, scope);
  else o.data = c.left > 0 ? c.raw(OBJECT_DATA, c.left) : new Uint8Array(0);
}

function extended(c: Cursor, o: Mutable<Objref>, scope: StubScope): void {
  const count = c.items(c.u32(ELEMENTS), 24);
  c.u32(SIGNATURE);
  const elements: { id: string; data: Uint8Array }[] = [];
  o.elements = elements;
  for (let i = 0; i < count; i++) {
    c.group(ELEMENT, (g) => {
      const id = g.guid(ELEMENT_ID);
      const size = g.u32(SIZE);
      const rounded = g.u32(ROUNDED);
      const data = g.bytes.subarray(g.pos, Math.min(g.pos + size, g.end));
      // envoy data is a context, marshaled as an interface pointer of its own
      if (size > 24 && g.peek32() === OBJREF_SIGNATURE) readObjref(g, size, scope);
      else g.raw(OBJECT_DATA, size);
      if (rounded > size) g.pad(Math.min(rounded - size, g.left));
      elements.push({ id, data });
    });
  }
}
