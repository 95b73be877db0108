/**
 * RPC extended error information (MS-EERR 2.2): which components of which hosts an error came through. It stands in
 * faults and bind_naks (MS-RPCE 2.2.2.8, 2.2.2.9), as a serialized list whose first record is the latest.
 */

import type { Cursor } from '../../src/core/cursor.js';
import { field } from '../../src/core/node.js';
import { hexText } from '../../src/core/text.js';
import { statusName } from '../names/hresult.js';
import { emptyScope } from '../ndr/read.js';
import { readSerialized, serializationFields } from '../ndr/serialized.js';
import {
  as,
  conformant,
  counted,
  enum16,
  fieldsOf,
  i16,
  i32,
  i64,
  type NdrType,
  type NdrValue,
  type PointerType,
  pointer,
  struct,
  u8,
  u16,
  u32,
  u64,
  union,
} from '../ndr/types.js';

/** In front of the information in a bind_nak (MS-RPCE 2.2.2.9). */
export const EERR_SIGNATURE = '90740320-fad0-11d3-82d7-009027b130ab';

/** MS-EERR 2.2.1.7. */
const COMPONENTS: Readonly<Record<number, string>> = {
  1: 'application',
  2: 'RPC runtime',
  3: 'security provider',
  4: 'named pipe file system',
  5: 'redirector',
  6: 'named pipe provider',
  7: 'I/O',
  8: 'Winsock',
  9: 'authorization',
  10: 'LPC',
};

const P = 'dcerpc.eerr';

/** EEAString, EEUString, BinaryEEInfo (MS-EERR 2.2.1.1, 2.2.1.2, 2.2.1.5). */
const sized = (name: string, field: string, of: NdrType): NdrType =>
  struct(name, P, { nLength: i16, pString: counted('nLength', pointer(conformant(of), { name: `${P}.${field}` })) });
const UNICODE = sized('EEUString', 'units', u16);

/** ExtendedErrorParam (MS-EERR 2.2.1.8). */
const PARAM = struct('ExtendedErrorParam', P, {
  Type: as(enum16, { label: 'Type' }),
  value: union(enum16, {
    1: sized('EEAString', 'data', u8),
    2: UNICODE,
    3: as(i32, { name: `${P}.lval` }),
    4: as(i16, { name: `${P}.ival` }),
    5: as(i64, { name: `${P}.pval` }),
    6: null,
    7: sized('BinaryEEInfo', 'data', u8),
  }),
});

/** ExtendedErrorInfo (MS-EERR 2.2.1.9). */
const RECORD = struct('ExtendedErrorInfo', P, {
  Next: pointer((): NdrType => RECORD),
  ComputerName: struct('EEComputerName', P, {
    Type: as(enum16, { names: { 1: 'present', 2: 'not present' } }),
    name: union(enum16, { 1: UNICODE, 2: null }),
  }),
  ProcessID: u32,
  TimeStamp: u64,
  GeneratingComponent: as(u32, { names: COMPONENTS }),
  Status: as(u32, { hex: true }),
  DetectionLocation: u16,
  Flags: as(u16, { hex: true }),
  nLen: i16,
  Params: counted('nLen', conformant(PARAM)),
});
/** The list as it stands in a fault. */
export const LIST: PointerType = pointer(RECORD, { name: P, label: 'Extended error information' });

const LIST_FIELD = field(P, 'Extended error information');
const TS = serializationFields(`${P}.ts`, `${P}.unused`);
export const EERR_FIELDS = [LIST_FIELD, ...Object.values(TS), ...fieldsOf(RECORD.members)];

/** One record, as `calls` prints it. */
export interface ExtendedError {
  readonly computer: string | null;
  readonly processId: number;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly component: string;
  readonly status: number;
  readonly statusName: string;
  readonly location: number;
  readonly flags: number;
  readonly params: (string | number)[];
}

/** Whether type serialization begins here. */
export function atExtendedError(c: Cursor): boolean {
  return c.left >= 24 && c.peek(0) === 1 && c.peek(2) + c.peek(3) === 8 && (c.peek(1) === 0x10 || c.peek(1) === 0);
}

/** Reads the list, latest record first. Fails like any reading does, inside the caller's frame. */
export function readExtendedError(c: Cursor): ExtendedError[] {
  const box: Record<string, NdrValue> = {};
  // nothing in these tables asks for what was learnt elsewhere
  const scope = emptyScope();
  c.group(LIST_FIELD, () => {
    readSerialized(c, TS, LIST, LIST_FIELD, box, 'list', scope);
    c.tell(recordsOf(box.list).map(errorText).join('; '));
  });
  return recordsOf(box.list);
}

/** `runtime of DC1: RPC_S_PROCNUM_OUT_OF_RANGE`. */
export function errorText(e: ExtendedError): string {
  return `${e.component}${e.computer === null ? '' : ` of ${e.computer}`}: ${e.statusName}`;
}

type Wire = {
  Next: Wire | null;
  ComputerName: { name: { value: { pString: number[] | null } | null } };
  ProcessID: number;
  TimeStamp: bigint;
  GeneratingComponent: number;
  Status: number;
  DetectionLocation: number;
  Flags: number;
  Params: { value: { tag: number; value: NdrValue } }[];
};

function recordsOf(list: NdrValue | undefined): ExtendedError[] {
  const records: ExtendedError[] = [];
  for (let r = (list ?? null) as Wire | null; r !== null && r !== undefined; r = r.Next) {
    if (r.Params === undefined) break;
    const name = r.ComputerName.name.value?.pString ?? null;
    records.push({
      computer: name === null ? null : textOf(name),
      processId: r.ProcessID,
      time: fileTime(r.TimeStamp),
      component: COMPONENTS[r.GeneratingComponent] ?? `component ${r.GeneratingComponent}`,
      status: r.Status,
      statusName: statusName(r.Status),
      location: r.DetectionLocation,
      flags: r.Flags,
      params: r.Params.map((p) => paramOf(p.value)),
    });
  }
  return records;
}

function textOf(units: readonly number[]): string {
  return String.fromCharCode(...units.slice(0, 1024)).replace(/\0.*$/s, '');
}

function paramOf({ tag, value }: { tag: number; value: NdrValue }): string | number {
  const data = (value as { pString?: number[] | Uint8Array | null } | null)?.pString;
  if (data instanceof Uint8Array) return tag === 1 ? textOf(Array.from(data)) : hexText(data);
  if (Array.isArray(data)) return textOf(data);
  return typeof value === 'number' ? value : String(value);
}

/** 100 nanoseconds since 1601, as ISO 8601. */
function fileTime(ticks: bigint): string {
  const ms = Number(ticks / 10_000n) - 11_644_473_600_000;
  return Math.abs(ms) > 8.64e15 ? String(ticks) : new Date(ms).toISOString();
}
