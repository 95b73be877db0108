/** Bytes that carry a format of their own: a structure of their length and a conformant array (C706 14.3.3.2). */
import type { Field } from '../../src/core/node.js';
import type { Tagged, ValueKind } from './kinds.js';
import { MAX_COUNT, type NdrReader } from './read.js';
import type { CustomType, NdrValue } from './types.js';

/**
 * The NDR type `struct { unsigned long length; [size_is(length)] byte data[]; }`.
 * @param makes the tag of its values
 * @param length field of the length
 * @param what is carried, for the warning where the two lengths differ
 * @param fields what reading it makes nodes of beside the length
 * @param read reads what is carried, `room` bytes from the cursor's place on; its value keeps these as `bytes`,
 *   which is what is written
 */
export function countedBytes<K extends ValueKind, T extends Tagged<K> & { readonly bytes: Uint8Array }>(
  makes: K,
  length: Field,
  what: string,
  fields: readonly Field[],
  read: (r: NdrReader, room: number) => T,
): CustomType {
  return {
    kind: 'custom',
    makes,
    fieldType: 'none',
    fields: [length, ...fields],
    alignment: (ndr64) => (ndr64 ? 8 : 4),
    minSize: 8,
    read: (r) => {
      const { c } = r;
      const room = r.count(MAX_COUNT);
      const told = c.u32(length);
      if (told !== room) c.note('malformed', `${what} of ${told} bytes in room for ${room}`);
      return read(r, room) as unknown as NdrValue;
    },
    write: (w, value) => {
      const { bytes } = value as unknown as T;
      w.count(bytes.length);
      w.u32(bytes.length);
      w.bytes(bytes);
    },
  };
}
