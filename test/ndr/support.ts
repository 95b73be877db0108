/** Reading and writing NDR tables without a PDU around them. */
import { emptyScope, NdrReader } from '../../dissectors/ndr/read.js';
import { type Member, membersOf, type NdrType, type NdrValue } from '../../dissectors/ndr/types.js';
import { NdrWriter } from '../../dissectors/ndr/write.js';
import { Cursor } from '../../src/core/cursor.js';
import type { Note } from '../../src/core/node.js';
import { Recording } from '../../src/core/recording.js';

export interface Syntax {
  ndr64?: boolean;
  littleEndian?: boolean;
  referencesTwice?: boolean;
}

export interface Decoded {
  values: Record<string, NdrValue>;
  /** Bytes that were not read. */
  left: number;
  notes: readonly Note[];
  /** Referent ids in the order of the wire, zeros left out. */
  referents: number[];
}

/** Reads parameters from the start of the bytes. */
export function decode(members: readonly Member[], bytes: Uint8Array, o: Syntax = {}): Decoded {
  const recording = new Recording(true);
  const c = new Cursor({ kind: 'captured', name: 'Stub', bytes, pieces: [] }, recording);
  c.littleEndian = o.littleEndian ?? true;
  const values: Record<string, NdrValue> = {};
  const scope = emptyScope(o.referencesTwice);
  let end = bytes.length;
  c.frame(
    null,
    bytes.length,
    () => {
      new NdrReader(c, o.ndr64 ?? false, scope).params(members, values);
      end = c.pos;
    },
    null,
  );
  const referents: { at: number; id: number }[] = [];
  const todo = [...recording.roots];
  for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
    todo.push(...node.children);
    if (node.field.name.startsWith('dcerpc.referent_id') && node.source === c.source && Number(node.value) !== 0)
      referents.push({ at: node.start, id: Number(node.value) });
  }
  referents.sort((a, b) => a.at - b.at);
  return { values, left: bytes.length - end, notes: recording.notes, referents: referents.map((r) => r.id) };
}

/** Reads one value. */
export function decodeOne(
  type: NdrType,
  bytes: Uint8Array,
  o: Syntax = {},
): Omit<Decoded, 'values'> & { value: NdrValue } {
  const { values, ...rest } = decode(membersOf('test', { value: type }), bytes, o);
  return { ...rest, value: values.value };
}

/** Writes parameters. */
export function encode(
  members: readonly Member[],
  values: Record<string, NdrValue>,
  o: Syntax = {},
  ids: number[] = [],
) {
  const w = new NdrWriter(o.ndr64 ?? false, o.littleEndian ?? true, ids);
  w.params(members, values);
  return w.result();
}
