/**
 * Activation properties as bytes (MS-DCOM 2.2.22): the header that lists them, and each one type-serialized by
 * itself (MS-RPCE 2.2.6).
 */

import { CUSTOM_HEADER_TABLE, PROPERTIES } from '../../dissectors/dcom/activation.js';
import type { NdrValue, StructType } from '../../dissectors/ndr/types.js';
import { NdrWriter } from '../../dissectors/ndr/write.js';
import { concat, dword, fromHex } from '../core/bytes.js';
import type { FromDocument, ToDocument } from './conversion.js';
import { EncodeError, type Json, type JsonObject, objectAt, unknownName } from './error.js';

/** Tables of the properties by their names, with the CLSIDs that name them in the header (MS-DCOM 1.9). */
const TABLES = new Map(Object.entries(PROPERTIES).map(([clsid, type]) => [type.name, { clsid, type }]));

/** Properties that were read, as a document has them; null where one of them has no table here. */
export function activationDocument(properties: { [name: string]: NdrValue }, of: ToDocument): JsonObject | null {
  const json: JsonObject = {};
  for (const [name, value] of Object.entries(properties)) {
    const known = TABLES.get(name);
    if (known === undefined) return null;
    json[name] = of(known.type, value);
  }
  return json;
}

/** The object data of an OBJREF_CUSTOM: properties by their structures' names, in the order of the document. */
export function activationBlob(json: Json, path: string, of: FromDocument): Uint8Array {
  const properties = Object.entries(objectAt(json, path)).map(([name, value]) => {
    const at = `${path}.${name}`;
    const known = TABLES.get(name);
    if (known === undefined) throw new EncodeError(at, unknownName('activation property', name, TABLES.keys()));
    return { clsid: known.clsid, bytes: serialized(known.type, of(known.type, value, at)) };
  });
  const total = properties.reduce((sum, p) => sum + p.bytes.length, 0);
  const header = (headerSize: number): Uint8Array =>
    serialized(CUSTOM_HEADER_TABLE, {
      ...{ totalSize: headerSize + total, headerSize, dwReserved: 0, destCtx: 2, cIfs: properties.length },
      classInfoClsid: '00000000-0000-0000-0000-000000000000',
      pclsid: properties.map((p) => p.clsid),
      pSizes: properties.map((p) => p.bytes.length),
      pdwReserved: null,
    });
  const headerSize = header(0).length;
  return concat(dword(headerSize + total, true), dword(0, true), header(headerSize), ...properties.map((p) => p.bytes));
}

/** Type serialization version 1: a common header, a private one with the length, the value padded to 8 bytes. */
function serialized(type: StructType, value: NdrValue): Uint8Array {
  const w = new NdrWriter(false);
  w.whole(type, value);
  w.align(8);
  const body = w.result();
  return concat(fromHex('01100800cccccccc'), dword(body.length, true), dword(0, true), body);
}
