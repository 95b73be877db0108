/** Type serialization version 1 (MS-RPCE 2.2.6): a common and a private header, then NDR that aligns from there. */
import type { Cursor } from '../../src/core/cursor.js';
import { type Field, field } from '../../src/core/node.js';
import { NdrReader, type StubScope } from './read.js';
import type { NdrType, NdrValue } from './types.js';

/** Fields of the two headers, under the name that the protocol around them goes by. */
export interface SerializationFields {
  readonly header: Field;
  readonly version: Field;
  readonly endianness: Field;
  readonly headerLength: Field;
  readonly filler: Field;
  readonly length: Field;
  readonly unused: Field;
}

/** Makes the fields; `prefix` begins their names, `unused` is the name of the bytes behind the value. */
export function serializationFields(prefix: string, unused: string): SerializationFields {
  return {
    header: field(`${prefix}.hdr`, 'Type serialization header'),
    version: field(`${prefix}.ver`, 'Version', 'uint8', { hex: true }),
    endianness: field(`${prefix}.end`, 'Endianness', 'uint8', { hex: true }),
    headerLength: field(`${prefix}.chl`, 'Header length', 'uint16'),
    filler: field(`${prefix}.fil`, 'Filler', 'uint32', { hex: true }),
    length: field(`${prefix}.buflen`, 'Object buffer length', 'uint32'),
    unused: field(unused, 'Unused', 'bytes'),
  };
}

/** Reads a serialized value into its slot; sets the cursor's byte order. */
export function readSerialized(
  c: Cursor,
  fields: SerializationFields,
  type: NdrType,
  f: Field,
  target: Record<string, NdrValue>,
  key: string,
  scope: StubScope,
): void {
  const length = c.group(fields.header, () => {
    if (c.u8(fields.version) !== 1) c.fail('type serialization of another version than 1');
    c.littleEndian = c.u8(fields.endianness) === 0x10;
    c.u16(fields.headerLength);
    c.u32(fields.filler);
    const buffer = c.u32(fields.length);
    c.u32(fields.filler);
    return buffer;
  });
  const start = c.pos;
  new NdrReader(c, false, scope, start).whole(type, f, target, key);
  const unused = start + length - c.pos;
  if (unused < 0) c.note('serialized-length', `a value of ${c.pos - start} bytes in an object buffer of ${length}`);
  if (unused > 0 && unused <= c.left) c.raw(fields.unused, unused);
}
