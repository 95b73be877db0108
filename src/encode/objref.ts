/** OBJREF as JSON and back (MS-DCOM 2.2.18): from its members, or from its bytes where those say more. */

import { type DualStringArray, dualStringBytes, TOWERS } from '../../dissectors/dcom/dual-string-array.js';
import { OBJREF_SIGNATURE, type Objref, STDOBJREF } from '../../dissectors/dcom/objref.js';
import { KIND } from '../../dissectors/ndr/kinds.js';
import { exactNumber } from '../../dissectors/ndr/range.js';
import { NdrWriter } from '../../dissectors/ndr/write.js';
import { same } from '../core/bytes.js';
import { guidText, hexText } from '../core/text.js';
import { activationBlob, activationDocument } from './activation.js';
import type { FromDocument, ToDocument } from './conversion.js';
import { checked, isUuid, oneOf } from './documents/schema.js';
import { BINDING_MEMBERS, OBJREFS } from './documents/shapes.js';
import { bytesAt, EncodeError, found, type Json, type JsonObject } from './error.js';

const KINDS = { standard: 1, handler: 2, custom: 4, extended: 8 } as const;

/** Members where they make the same bytes again; the bytes otherwise. */
export function objrefToJson(o: Objref, to: ToDocument, from: FromDocument): Json {
  const { iid, type } = o;
  const plain = membersOf(o, to);
  try {
    if (plain !== null && same(objrefBytes(plain, '', from), o.bytes)) return plain;
  } catch {
    // something that only its bytes say
  }
  return { type, iid, bytes: hexText(o.bytes) };
}

function membersOf(o: Objref, to: ToDocument): JsonObject | null {
  const { type, iid, flags, publicRefs, oxid, oid, ipid, clsid, bindings, securityBindings } = o;
  if (type === 'unknown' || type === 'extended') return null;
  if (type === 'custom') {
    if (clsid === undefined) return null;
    if (o.data !== undefined) return { type, iid, clsid, data: hexText(o.data) };
    const properties = activationDocument(o.properties ?? {}, to);
    return properties === null ? null : { type, iid, clsid, properties };
  }
  if (oxid === undefined || oid === undefined || ipid === undefined) return null;
  return {
    ...{ type, iid, flags: flags ?? 0, publicRefs: publicRefs ?? 0, oxid, oid, ipid },
    ...(clsid === undefined ? {} : { clsid }),
    bindings: [...(bindings ?? [])],
    securityBindings: (securityBindings ?? []).map((s) => ({ ...s })),
  };
}

/** JSON as a value that the tables write. */
export function objrefFromJson(o: JsonObject, path: string, of: FromDocument): Objref {
  if (!Object.hasOwn(o, 'bytes'))
    return { [KIND]: 'objref', type: 'unknown', iid: '', bytes: objrefBytes(o, path, of) };
  const { type, iid, bytes: hex } = checked(OBJREFS.bytes, o, path);
  const bytes = bytesAt(hex, `${path}.bytes`);
  // kind and IID are told beside the bytes, which must say the same
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const told = bytes.length < 24 ? null : guidText(bytes, 8);
  if (isUuid(iid) && told !== null && told !== iid.toLowerCase())
    throw new EncodeError(`${path}.iid`, `bytes says ${told}`);
  if (type !== undefined && type !== 'unknown' && bytes.length >= 8 && view.getUint32(4, true) !== KINDS[type])
    throw new EncodeError(`${path}.type`, `bytes says ${view.getUint32(4, true)}, and ${type} is ${KINDS[type]}`);
  return { [KIND]: 'objref', type: 'unknown', iid: '', bytes };
}

/** An OBJREF from its members. */
export function objrefBytes(o: JsonObject, path: string, of: FromDocument): Uint8Array {
  const type = checked(OBJREF_KIND, o.type ?? 'standard', `${path}.type`);
  const w = new NdrWriter(false);
  w.u32(OBJREF_SIGNATURE);
  w.u32(KINDS[type]);
  if (type === 'custom') {
    const { iid, clsid, data: hex, properties, size } = checked(OBJREFS.custom, o, path);
    w.guid(iid);
    if ((properties === undefined) === (hex === undefined))
      throw new EncodeError(path, 'one of data and properties is wanted');
    const data =
      properties === undefined
        ? bytesAt(hex, `${path}.data`)
        : activationBlob(properties as Json, `${path}.properties`, of);
    w.guid(clsid);
    w.u32(0);
    // MS-DCOM 2.2.18.6: ignored by receivers; Windows counts the two fields in front of the data too
    w.u32(size === undefined ? data.length + 8 : Number(size));
    w.bytes(data);
    return w.result();
  }
  const given = checked(OBJREFS[type], o, path);
  w.guid(given.iid);
  w.whole(STDOBJREF, {
    flags: Number(given.flags ?? 0),
    cPublicRefs: Number(given.publicRefs ?? 5),
    oxid: idAt(given.oxid, `${path}.oxid`),
    oid: idAt(given.oid, `${path}.oid`),
    ipid: given.ipid,
  });
  if ('clsid' in given) w.guid(given.clsid as string);
  w.bytes(dualStringBytes(dualStringFrom(o, path)));
  return w.result();
}

const OBJREF_KIND = oneOf('kind of OBJREF from members', ['standard', 'handler', 'custom']);

function idAt(value: string, path: string): string {
  if (exactNumber('id64', value, false) === null)
    throw new EncodeError(path, `64 bits as 0x and hex digits are wanted, not ${found(value, path)}`);
  return value;
}

/** A text of a DUALSTRINGARRAY: a zero would end it. */
function bindingText(text: string, path: string): string {
  if (text.includes('\0')) throw new EncodeError(path, 'text without U+0000 is wanted, which would end it');
  return text;
}

/** A DUALSTRINGARRAY's value from `bindings`, as people write them or taken apart, and `securityBindings`. */
export function dualStringFrom(o: JsonObject, path: string): DualStringArray {
  const { bindings, securityBindings } = o as { bindings?: Json[]; securityBindings?: JsonObject[] };
  const value: DualStringArray = {
    [KIND]: 'bindings',
    bindings: (bindings ?? []).map((b, i) => {
      const at = `${path}.bindings[${i}]`;
      if (typeof b === 'string') return bindingFrom(b, at);
      const { tower, address } = checked(BINDING_MEMBERS, b, at);
      return { tower: Number(tower), address: bindingText(address, `${at}.address`) };
    }),
    securityBindings: (securityBindings ?? []).map((s, i) => ({
      authnSvc: Number(s.authnSvc),
      authzSvc: Number(s.authzSvc ?? 0xffff),
      principal: bindingText((s.principal as string | undefined) ?? '', `${path}.securityBindings[${i}].principal`),
    })),
  };
  const words = (dualStringBytes(value).length - 4) / 2;
  if (words > 0xffff) throw new EncodeError(path, `the bindings take ${words} words: their count has 16 bits`);
  return value;
}

/** `10.0.0.1[49664]` is TCP; others carry their protocol sequence in front. */
function bindingFrom(text: string, path: string): { tower: number; address: string } {
  bindingText(text, path);
  for (const [tower, name] of Object.entries(TOWERS))
    if (text.startsWith(`${name}:`)) return { tower: Number(tower), address: text.slice(name.length + 1) };
  const other = /^tower (\d+):/.exec(text);
  if (other === null) return { tower: 7, address: text };
  const tower = Number(other[1]);
  if (tower < 1 || tower > 0xffff) throw new EncodeError(path, `a tower from 1 to 65535 is wanted, not ${other[1]}`);
  return { tower, address: text.slice(other[0].length) };
}
