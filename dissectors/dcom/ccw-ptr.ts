/**
 * CCW_PTR (MS-IOI 2.2.1): an address in the server's process. The specification says a pointer's representation
 * and an int or __int64, not negotiated; a top-level `[out]` pointer has no representation in NDR. So four layouts
 * occur, and the bytes left in front of the HRESULT that ends the stub decide where they can.
 */
import { type StateStore, stateKey } from '../../src/core/context.js';
import type { Cursor } from '../../src/core/cursor.js';
import { field } from '../../src/core/node.js';
import { KIND, type Tagged } from '../ndr/kinds.js';
import { hex, type NdrReader, REFERENT_ID } from '../ndr/read.js';
import type { CustomType, NdrValue } from '../ndr/types.js';

export const CCW_LAYOUTS = ['int32', 'int64', 'ptr+int32', 'ptr+int64'] as const;
export type CcwLayout = (typeof CCW_LAYOUTS)[number];

/** The pointer's value in one layout. */
interface Reading {
  readonly value: string;
  readonly layout: CcwLayout;
}

/** A CCW_PTR as `calls` prints it. */
export interface CcwPtr extends Reading, Tagged<'ccw'> {
  /** Other layouts that the bytes allow. */
  readonly alternatives: readonly Reading[];
  /** Referent id, where the layout has one. */
  readonly referent?: number;
}

const VALUE = field('ioi.pccw', 'pCCW', 'uint64', { hex: true });
const CCW = field('dcerpc.pointer', 'pCCW');

/** Bytes of the HRESULT behind it. */
const TAIL = 4;

/** Servers whose layout is remembered. */
const MAX_SERVERS = 10_000;

/** Layouts that a server was seen to use where only one was possible, by its address. */
const SEEN = stateKey('ioi.ccw', () => new Map<string, string>());

/** The layout that a server was seen to use; null while none was. */
export function ccwLayoutOf(capture: StateStore, server: string): string | null {
  return capture.get(SEEN).get(server) ?? null;
}

/** Remembers the layout that a server used. */
export function learnCcwLayout(capture: StateStore, server: string, layout: string): void {
  const seen = capture.get(SEEN);
  if (seen.size >= MAX_SERVERS && !seen.has(server)) seen.delete(seen.keys().next().value as string);
  seen.set(server, layout);
}

export const CCW_PTR: CustomType = {
  kind: 'custom',
  makes: 'ccw',
  fieldType: 'uint64',
  fields: [CCW],
  alignment: () => 4,
  minSize: 4,
  read: (r) => r.c.group(CCW, () => readCcw(r)),
  write: (w, value) => {
    const { layout, value: number, referent } = value as CcwPtr;
    if (layout.startsWith('ptr')) w.count(referent ?? 0x20000);
    const wide = layout.endsWith('64');
    w.number(wide ? 'u64' : 'u32', wide ? BigInt(number) : Number(BigInt.asUintN(32, BigInt(number))));
  },
};

function readCcw(r: NdrReader): NdrValue {
  const { c, scope } = r;
  const from = c.pos - r.base;
  const room = c.end - c.pos - TAIL;
  const possible = CCW_LAYOUTS.filter((l) => layoutLength(l, from, r.ndr64) === room && plausible(c, l, from, r.ndr64));
  if (possible.length === 1) scope.found.ccw = possible[0];
  // where two fit: what this server was seen to do, else the form without a referent
  const layout = possible.find((l) => l === scope.ccw) ?? possible[0] ?? (room >= 8 ? 'int64' : 'int32');
  const others = possible.filter((l) => l !== layout);
  const alternatives = others.map((l): Reading => readAs(c.fork(), l, r));
  if (possible.length === 0) c.note('ccw-layout', `${room} bytes for pCCW fit none of its layouts`);
  const reading = readAs(c, layout, r);
  const text = alternatives.map((a) => `${a.value} as ${a.layout}`).join(', ');
  c.tell(`${reading.value} as ${layout}${text === '' ? '' : `, or ${text}`}`);
  return { [KIND]: 'ccw', ...reading, alternatives } satisfies CcwPtr;
}

/** Bytes from `from` (counted from the stub's start) to the end of the layout. */
function layoutLength(layout: CcwLayout, from: number, ndr64: boolean): number {
  let at = from;
  if (layout.startsWith('ptr')) at = up(at, ndr64 ? 8 : 4) + (ndr64 ? 8 : 4);
  at = layout.endsWith('64') ? up(at, 8) + 8 : up(at, 4) + 4;
  return at - from;
}

/** Padding is zero and a referent is not: what tells `int64` from `ptr+int64` behind four bytes. */
function plausible(c: Cursor, layout: CcwLayout, from: number, ndr64: boolean): boolean {
  if (layout.startsWith('ptr')) {
    const gap = up(from, ndr64 ? 8 : 4) - from;
    return c.peek32(gap) !== 0 || (ndr64 && c.peek32(gap + 4) !== 0);
  }
  const gap = layout.endsWith('64') ? up(from, 8) - from : 0;
  return gap !== 4 || c.peek32(0) === 0;
}

function up(n: number, to: number): number {
  return (n + to - 1) & -to;
}

function readAs(c: Cursor, layout: CcwLayout, r: NdrReader): Reading & { referent?: number } {
  let referent: number | undefined;
  if (layout.startsWith('ptr')) {
    c.align(r.ndr64 ? 8 : 4, r.base);
    referent = r.ndr64 ? Number(c.u64(REFERENT_ID)) : c.u32(REFERENT_ID);
  }
  let value: string;
  if (layout.endsWith('64')) {
    c.align(8, r.base);
    value = hex(c.u64(VALUE), 1);
  } else {
    c.align(4, r.base);
    // the IDL's int is signed, and a CLR shows pointers as wide as its own
    const { littleEndian } = c;
    value = hex(
      c.made(VALUE, 4, (b) =>
        BigInt.asUintN(64, BigInt(new DataView(b.buffer, b.byteOffset, 4).getInt32(0, littleEndian))),
      ),
      1,
    );
  }
  return { value, layout, ...(referent === undefined ? {} : { referent }) };
}
