/** ORPCTHIS and ORPCTHAT, the first parameters of every ORPC call (MS-DCOM 2.2.13), and their extensions (2.2.21). */
import type { Cursor } from '../../src/core/cursor.js';
import { type Field, fieldsInto } from '../../src/core/node.js';
import { KIND, type Tagged } from '../ndr/kinds.js';
import { MAX_COUNT, type NdrReader } from '../ndr/read.js';
import { as, type CustomType, conformant, guid, type NdrValue, pointer, struct, u32 } from '../ndr/types.js';
import { COMVERSION } from './com-version.js';
import { ERROR_EXTENSION, type ErrorInfo } from './error-info.js';
import { type Objref, readObjref } from './objref.js';

const DEBUG_EXTENSION = 'f1f19681-4d2a-11ce-a66a-0020af6e72f4';
const CONTEXT_EXTENSION = '00000334-0000-0000-c000-000000000046';
const NAMES: Readonly<Record<string, string>> = {
  [ERROR_EXTENSION]: 'error information',
  [DEBUG_EXTENSION]: 'debugging',
  [CONTEXT_EXTENSION]: 'context',
};

const EXTENSION_FIELDS: Field[] = [];
const f = fieldsInto(EXTENSION_FIELDS);
const ID = f('dcom.extent.id', 'Extension id', 'guid');
const SIZE = f('dcom.extent.size', 'Extension size', 'uint32');
const DATA = f('dcom.extent.data', 'Data', 'bytes');
const CONTEXT = f('dcom.extent.context', 'Context extension');
const SIGNATURE = f('dcom.extent.context.signature', 'Signature', 'uint32', { hex: true });
const VERSION = f('dcom.extent.context.version', 'Version', 'uint32', { hex: true });
const POLICIES = f('dcom.extent.context.policies', 'Policies', 'uint32');
const CB_BUFFER = f('dcom.extent.context.cbbuffer', 'Buffer size', 'uint32');
const CB_SIZE = f('dcom.extent.context.cbsize', 'Header size', 'uint32');
const HRESULT = f('dcom.extent.context.hr', 'HRESULT', 'uint32', { hex: true });
const SERVER_HRESULT = f('dcom.extent.context.hrserver', 'HRESULT of the server', 'uint32', { hex: true });
const RESERVED = f('dcom.extent.context.res', 'Reserved', 'uint32');
const ENTRY = f('dcom.extent.context.entry', 'Entry');
const POLICY_SIZE = f('dcom.extent.context.policy_size', 'Policy data size', 'uint32');
const POLICY_OFFSET = f('dcom.extent.context.policy_offset', 'Policy data offset', 'uint32');
const POLICY = f('dcom.extent.context.policy', 'Policy', 'guid');
const POLICY_DATA = f('dcom.extent.context.policy_data', 'Policy data', 'bytes');

/** An extension of ORPCTHIS or ORPCTHAT. */
export interface Extension extends Tagged<'extension'> {
  readonly id: string;
  readonly size: number;
  /** As sent, padding included. */
  readonly data: Uint8Array;
  readonly errorInfo: ErrorInfo | null;
}

/** ORPC_EXTENT (MS-DCOM 2.2.21.6): its data is padded to a multiple of 8 bytes. */
const EXTENT: CustomType = {
  kind: 'custom',
  makes: 'extension',
  fieldType: 'none',
  fields: EXTENSION_FIELDS,
  alignment: (ndr64) => (ndr64 ? 8 : 4),
  minSize: 24,
  read: readExtent,
  write: (w, value) => {
    const { id, size, data } = value as Extension;
    w.count(data.length);
    w.guid(id);
    w.u32(size);
    w.bytes(data);
  },
};

function readExtent(r: NdrReader): NdrValue {
  const { c } = r;
  const room = r.count(MAX_COUNT);
  const id = c.guid(ID, (g) => (g in NAMES ? `${g} (${NAMES[g]})` : g));
  const size = c.u32(SIZE);
  c.items(room, 1);
  const start = c.pos;
  const data = c.bytes.subarray(start, Math.min(start + room, c.end));
  const value: { -readonly [K in keyof Extension]: Extension[K] } = {
    [KIND]: 'extension',
    id,
    size,
    data,
    errorInfo: null,
  };
  if (size > room) c.note('malformed', `an extension of ${size} bytes in room for ${room}`);
  else if (id === ERROR_EXTENSION && size > 0) {
    const o = readObjref(c, size, r.scope) as Objref;
    value.errorInfo = (o.properties?.ErrorInfo as ErrorInfo | undefined) ?? null;
  } else if (id === CONTEXT_EXTENSION && size >= 32) c.frame(CONTEXT, size, readContext);
  else if (size > 0) c.raw(DATA, size);
  const rest = start + room - c.pos;
  if (rest > 0) c.pad(rest);
  return value;
}

/** Context ORPC extension (MS-DCOM 2.2.21.4): opaque data of policies behind headers (2.2.21.5) that name them. */
function readContext(c: Cursor): void {
  const start = c.pos;
  c.u32(SIGNATURE);
  c.u32(VERSION);
  const count = c.u32(POLICIES);
  c.u32(CB_BUFFER);
  c.u32(CB_SIZE);
  c.u32(HRESULT);
  c.u32(SERVER_HRESULT);
  c.u32(RESERVED);
  const entries: { size: number; offset: number }[] = [];
  for (let i = c.items(count, 32); i > 0; i--)
    c.group(ENTRY, () => {
      c.u32(SIGNATURE);
      const size = c.u32(POLICY_SIZE);
      const offset = c.u32(POLICY_OFFSET);
      c.u32(RESERVED);
      c.tell(c.guid(POLICY));
      entries.push({ size, offset });
    });
  for (const { size, offset } of entries) {
    if (start + offset < c.pos || start + offset + size > c.end) continue;
    if (start + offset > c.pos) c.pad(start + offset - c.pos);
    c.raw(POLICY_DATA, size);
  }
}

/** ORPC_EXTENT_ARRAY (MS-DCOM 2.2.21.7): `extent` has room for an even number of pointers. */
const EXTENTS = struct('ORPC_EXTENT_ARRAY', 'dcom.extent', {
  size: as(u32, { name: 'dcom.extent.array_count', label: 'Extension count' }),
  reserved: as(u32, { name: 'dcom.extent.array_res', label: 'Reserved' }),
  extent: pointer(
    conformant(as(pointer(EXTENT), { name: 'dcom.extent', label: 'Extension' }), {
      name: 'dcom.extent',
      label: 'Extensions',
    }),
  ),
});

const FLAGS = as(u32, { hex: true, names: { 0: 'none', 1: 'local', 2: 'reserved 1', 4: 'reserved 2' } });

/** In front of a request's parameters (MS-DCOM 2.2.13.3). */
export const ORPCTHIS = struct('ORPCTHIS', 'dcom.this', {
  version: COMVERSION,
  flags: as(FLAGS, { name: 'dcom.this.flags', label: 'Flags' }),
  reserved1: as(u32, { name: 'dcom.this.res', label: 'Reserved', hex: true }),
  cid: as(guid, { name: 'dcom.this.uuid', label: 'Causality id' }),
  extensions: pointer(EXTENTS, { name: 'dcom.extent', label: 'Extensions' }),
});

/** In front of a response's parameters (MS-DCOM 2.2.13.4). */
export const ORPCTHAT = struct('ORPCTHAT', 'dcom.that', {
  flags: as(FLAGS, { name: 'dcom.that.flags', label: 'Flags' }),
  extensions: pointer(EXTENTS, { name: 'dcom.extent', label: 'Extensions' }),
});

/** Extensions of an ORPC header that was read. */
export function extensionsOf(header: NdrValue): Extension[] {
  const { extensions } = (header ?? {}) as { extensions?: { extent?: (Extension | null)[] | null } | null };
  return (extensions?.extent ?? []).filter((e) => e !== null && e !== undefined);
}
