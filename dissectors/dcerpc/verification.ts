/** The verification trailer at the end of a request's stub (MS-RPCE 2.2.2.13). */
import type { Cursor } from '../../src/core/cursor.js';
import { type Field, fieldsInto } from '../../src/core/node.js';
import { type Syntax, syntaxName } from '../ndr/syntax.js';
import { PTYPES } from './pdu.js';

const MAGIC = [0x8a, 0xe3, 0x13, 0x71, 0x02, 0xf4, 0x36, 0x71];
const COMMANDS: Readonly<Record<number, string>> = { 1: 'bitmask', 2: 'presentation context', 3: 'header' };
/** The longest trailer that the three commands make, doubled: how far from the end one is looked for. */
const MAX_LENGTH = 176;

export const VERIFICATION_FIELDS: Field[] = [];
const f = fieldsInto(VERIFICATION_FIELDS);
const TRAILER = f('dcerpc.rpc_sec_vt', 'Verification trailer');
const SIGNATURE = f('dcerpc.rpc_sec_vt.signature', 'Signature', 'bytes');
const COMMAND = f('dcerpc.rpc_sec_vt.command', 'Command', 'uint16', { hex: true, names: COMMANDS });
const LENGTH = f('dcerpc.rpc_sec_vt.command.length', 'Length', 'uint16');
const BITMASK = f('dcerpc.rpc_sec_vt.bitmask', 'Bitmask', 'uint32', { hex: true });
const INTERFACE = f('dcerpc.rpc_sec_vt.pcontext.interface.uuid', 'Interface', 'guid');
const INTERFACE_VERSION = f('dcerpc.rpc_sec_vt.pcontext.interface.ver', 'Interface version', 'uint32', {
  hex: true,
});
const SYNTAX = f('dcerpc.rpc_sec_vt.pcontext.syntax.uuid', 'Transfer syntax', 'guid');
const SYNTAX_VERSION = f('dcerpc.rpc_sec_vt.pcontext.syntax.ver', 'Transfer syntax version', 'uint32');
const PTYPE = f('dcerpc.rpc_sec_vt.header.type', 'Packet type', 'uint8', { names: PTYPES });
const RESERVED = f('dcerpc.rpc_sec_vt.header.reserved', 'Reserved', 'bytes');
const DREP = f('dcerpc.rpc_sec_vt.header.drep', 'Data representation', 'bytes');
const CALL_ID = f('dcerpc.rpc_sec_vt.header.call_id', 'Call id', 'uint32');
const CONTEXT_ID = f('dcerpc.rpc_sec_vt.header.ctx_id', 'Context id', 'uint16');
const OPNUM = f('dcerpc.rpc_sec_vt.header.opnum', 'Opnum', 'uint16');
const DATA = f('dcerpc.rpc_sec_vt.data', 'Data', 'bytes');

/** What a verification trailer repeats of its call; null what it leaves out. */
export interface VerificationTrailer {
  readonly iid: string | null;
  readonly syntax: Syntax | null;
  readonly header: { readonly callId: number; readonly contextId: number; readonly opnum: number } | null;
}

function magicAt(c: Cursor, offset: number): boolean {
  return MAGIC.every((byte, i) => c.peek(offset + i) === byte);
}

/** Whether a trailer begins here or behind padding to a multiple of 4. */
export function atVerificationTrailer(c: Cursor): boolean {
  for (let gap = 0; gap < 4; gap++) if (magicAt(c, gap)) return true;
  return false;
}

/** Where, between here and the region's end, a trailer begins that ends the region; the region's end without one. */
export function findVerificationTrailer(c: Cursor): number {
  for (let at = Math.max(c.pos, c.end - MAX_LENGTH); at + 8 <= c.end; at++) if (magicAt(c, at - c.pos)) return at;
  return c.end;
}

/** Reads padding and trailer up to the end of the region; null where the trailer's end is missing. */
export function readVerificationTrailer(c: Cursor): VerificationTrailer | null {
  let gap = 0;
  while (!magicAt(c, gap)) gap++;
  c.pad(gap);
  return c.frame(TRAILER, c.left, readCommands) ?? null;
}

type Found = { -readonly [K in keyof VerificationTrailer]: VerificationTrailer[K] };

function readCommands(c: Cursor): VerificationTrailer | null {
  const found: Found = { iid: null, syntax: null, header: null };
  c.raw(SIGNATURE, 8);
  while (c.left >= 4) {
    const command = c.u16(
      COMMAND,
      (n) =>
        `${COMMANDS[n & 0x3fff] ?? 'unknown'}${n & 0x4000 ? ', last' : ''}${n & 0x8000 ? ', must be processed' : ''}`,
    );
    const length = c.u16(LENGTH);
    c.frame(null, length, (region) => readCommand(region, command & 0x3fff, found));
    if (command & 0x4000) return found;
  }
  return null;
}

function readCommand(c: Cursor, command: number, found: Found): void {
  // the trailer is little endian for the bitmask and follows the drep otherwise, as its structures do
  if (command === 1) c.u32(BITMASK, (n) => (n & 1 ? 'client supports header signing' : 'none'));
  else if (command === 2) {
    found.iid = c.guid(INTERFACE);
    c.u32(INTERFACE_VERSION);
    found.syntax = syntaxName(c.guid(SYNTAX, syntaxName));
    c.u32(SYNTAX_VERSION);
  } else if (command === 3) {
    c.u8(PTYPE, (t) => PTYPES[t] ?? 'unknown');
    c.raw(RESERVED, 3);
    c.raw(DREP, 4);
    const callId = c.u32(CALL_ID);
    const contextId = c.u16(CONTEXT_ID);
    found.header = { callId, contextId, opnum: c.u16(OPNUM) };
  } else c.raw(DATA, c.left);
}
