/** OBJREF as JSON and back (MS-DCOM 2.2.18): from its members, or from its bytes where those say more. */
import { dualStringBytes, TOWERS } from '../../dissectors/dcom/dual-string-array.js';
import { OBJREF_SIGNATURE, type Objref, STDOBJREF } from '../../dissectors/dcom/objref.js';
import { KIND } from '../../dissectors/ndr/kinds.js';
import { NdrWriter } from '../../dissectors/ndr/write.js';
import { hexText } from '../core/text.js';
import { activationBlob, activationDocument } from './activation.js';
import { arrayAt, bytesAt, EncodeError, type Json, type JsonObject, numberAt, textAt } from './error.js';

const KINDS = { standard: 1, handler: 2, custom: 4, extended: 8 } as const;

/** Members where they make the same bytes again; the bytes otherwise. */
export function objrefToJson(o: Objref): Json {
  const { iid, type } = o;
  const plain = membersOf(o);
  try {
    if (plain !== null && Buffer.compare(objrefBytes(plain, ''), o.bytes) === 0) return plain;
  } catch {
    // something that only its bytes say
  }
  return { type, iid, bytes: hexText(o.bytes) };
}

function membersOf(o: Objref): JsonObject | null {
  const { type, iid, flags, publicRefs, oxid, oid, ipid, clsid, bindings, securityBindings } = o;
  if (type === 'unknown' || type === 'extended') return null;
  if (type === 'custom') {
    if (clsid === undefined) return null;
    if (o.data !== undefined) return { type, iid, clsid, data: hexText(o.data) };
    const properties = activationDocument(o.properties ?? {});
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
export function objrefFromJson(o: JsonObject, path: string): Objref {
  const bytes = o.bytes === undefined ? objrefBytes(o, path) : bytesAt(o.bytes, `${path}.bytes`);
  return { [KIND]: 'objref', type: 'unknown', iid: '', bytes };
}

/** An OBJREF from its members. */
export function objrefBytes(o: JsonObject, path: string): Uint8Array {
  const type = textAt(o.type ?? 'standard', `${path}.type`) as keyof typeof KINDS;
  if (!(type in KINDS) || type === 'extended')
    throw new EncodeError(`${path}.type`, `standard, handler, custom, or bytes, not ${type}`);
  const w = new NdrWriter(false);
  w.u32(OBJREF_SIGNATURE);
  w.u32(KINDS[type]);
  w.guid(textAt(o.iid, `${path}.iid`));
  if (type === 'custom') {
    const clsid = textAt(o.clsid, `${path}.clsid`);
    const data =
      o.properties === undefined
        ? bytesAt(o.data ?? '', `${path}.data`)
        : activationBlob(o.properties, `${path}.properties`);
    w.guid(clsid);
    w.u32(0);
    // MS-DCOM 2.2.18.6: ignored by receivers; Windows counts the two fields in front of the data too
    w.u32(o.size === undefined ? data.length + 8 : numberAt(o.size, `${path}.size`));
    w.bytes(data);
    return w.result();
  }
  w.whole(STDOBJREF, {
    flags: numberAt(o.flags ?? 0, `${path}.flags`),
    cPublicRefs: numberAt(o.publicRefs ?? 5, `${path}.publicRefs`),
    oxid: textAt(o.oxid, `${path}.oxid`),
    oid: textAt(o.oid, `${path}.oid`),
    ipid: textAt(o.ipid, `${path}.ipid`),
  });
  if (type === 'handler') w.guid(textAt(o.clsid, `${path}.clsid`));
  w.bytes(dualStringBytes(dualStringFrom(o, path)));
  return w.result();
}

/** A DUALSTRINGARRAY's value from `bindings` as people write them and `securityBindings`. */
export function dualStringFrom(o: JsonObject, path: string): Parameters<typeof dualStringBytes>[0] {
  return {
    bindings: arrayAt(o.bindings ?? [], `${path}.bindings`).map((text, i) =>
      bindingFrom(textAt(text, `${path}.bindings[${i}]`)),
    ),
    securityBindings: arrayAt(o.securityBindings ?? [], `${path}.securityBindings`).map((s, i) => {
      const b = s as JsonObject;
      const at = `${path}.securityBindings[${i}]`;
      return {
        authnSvc: numberAt(b.authnSvc, `${at}.authnSvc`, 0, 0xffff),
        authzSvc: numberAt(b.authzSvc ?? 0xffff, `${at}.authzSvc`, 0, 0xffff),
        principal: textAt(b.principal ?? '', `${at}.principal`),
      };
    }),
  };
}

/** `10.0.0.1[49664]` is TCP; others carry their protocol sequence in front. */
function bindingFrom(text: string): { tower: number; address: string } {
  for (const [tower, name] of Object.entries(TOWERS))
    if (text.startsWith(`${name}:`)) return { tower: Number(tower), address: text.slice(name.length + 1) };
  const other = /^tower (\d+):/.exec(text);
  if (other !== null) return { tower: Number(other[1]), address: text.slice(other[0].length) };
  return { tower: 7, address: text };
}
