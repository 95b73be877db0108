/** The header of connectionless DCE/RPC PDUs (C706 12.5.2): 80 bytes, the same for all types. */
import type { Cursor } from '../../../src/core/cursor.js';
import type { DatagramProtocol } from '../../../src/core/dissector.js';
import { type Field, fieldsInto } from '../../../src/core/node.js';
import { uuidText } from '../../ndr/interface.js';
import type { Session } from '../../session.js';
import { AUTH_TYPES } from '../auth.js';
import { type Header, Pfc, PKT_TYPE, PTYPES, RPC_VERSION, readDrep } from '../pdu.js';

const HEADER_LENGTH = 80;
const NIL = '00000000-0000-0000-0000-000000000000';

/** flags1 (C706 12.5.2.3). */
const Flag = { lastFragment: 0x02, fragment: 0x04, maybe: 0x10 } as const;
const FLAG_NAMES: readonly (readonly [number, string])[] = [
  [Flag.lastFragment, 'last fragment'],
  [Flag.fragment, 'fragment'],
  [0x08, 'no fack'],
  [Flag.maybe, 'maybe'],
  [0x20, 'idempotent'],
  [0x40, 'broadcast'],
];

export const DATAGRAM_FIELDS: Field[] = [];
const f = fieldsInto(DATAGRAM_FIELDS);
const FLAGS1 = f('dcerpc.dg_flags1', 'Flags', 'uint8', { hex: true });
const FLAGS2 = f('dcerpc.dg_flags2', 'More flags', 'uint8', { hex: true });
const SERIAL_HI = f('dcerpc.dg_serial_hi', 'Serial number, high byte', 'uint8', { hex: true });
const OBJECT = f('dcerpc.obj_id', 'Object', 'guid');
const INTERFACE = f('dcerpc.dg_if_id', 'Interface', 'guid');
const ACTIVITY = f('dcerpc.dg_act_id', 'Activity', 'guid');
const SERVER_BOOT = f('dcerpc.dg_server_boot', 'Server boot time', 'time');
const INTERFACE_VERSION = f('dcerpc.dg_if_ver', 'Interface version', 'uint32');
const SEQUENCE = f('dcerpc.dg_seqnum', 'Sequence number', 'uint32');
const OPNUM = f('dcerpc.opnum', 'Opnum', 'uint16');
const INTERFACE_HINT = f('dcerpc.dg_ihint', 'Interface hint', 'uint16', { hex: true });
const ACTIVITY_HINT = f('dcerpc.dg_ahint', 'Activity hint', 'uint16', { hex: true });
const LENGTH = f('dcerpc.dg_frag_len', 'Fragment length', 'uint16');
const NUMBER = f('dcerpc.dg_frag_num', 'Fragment number', 'uint16');
const AUTH = f('dcerpc.dg_auth_proto', 'Authentication protocol', 'uint8', { names: AUTH_TYPES });
const SERIAL_LO = f('dcerpc.dg_serial_lo', 'Serial number, low byte', 'uint8', { hex: true });

/** Which datagrams are PDUs. Others begin with 04 00 too (WireGuard does), so the whole header must make sense. */
export const DCERPC_DATAGRAM: DatagramProtocol = {
  claims(b, start, end) {
    if (end - start < HEADER_LENGTH || b[start] !== 4 || b[start + 1] > 10) return false;
    // flags2 has one bit that means something; drep: byte order and characters, one of four float formats, a zero
    if ((b[start + 3] & 0xfc) !== 0 || (b[start + 4] & 0xee) !== 0 || b[start + 5] > 3 || b[start + 6] !== 0)
      return false;
    const le = (b[start + 4] & 0x10) !== 0;
    const at = start + 74;
    const length = le ? b[at] | (b[at + 1] << 8) : (b[at] << 8) | b[at + 1];
    const told = ((b[start - 4] << 8) | b[start - 3]) - 8;
    // of a datagram that was captured in part, the length in the UDP header tells what was there
    return HEADER_LENGTH + length <= Math.max(end - start, start >= 8 ? told : 0);
  },
};

/** The header's values: those that the connection-oriented one has too in its terms, and what that lacks. */
export interface Datagram extends Header {
  readonly isFragment: boolean;
  readonly object: string | null;
  readonly iid: string;
  readonly version: string;
  readonly activity: string;
  readonly opnum: number;
  readonly bodyLength: number;
  /** The fragment's number. */
  readonly number: number;
  readonly auth: number;
}

/** Reads the 80 bytes of the header and sets the cursor's byte order (C706 12.5.2). */
export function readDatagramHeader(c: Cursor, session: Session): Datagram {
  if (c.u8(RPC_VERSION) !== 4) c.fail('a datagram of another version than 4');
  const type = c.u8(PKT_TYPE, (t) => PTYPES[t] ?? 'unknown');
  const flags = c.u8(FLAGS1, flagText);
  c.u8(FLAGS2, (f) => (f & 2 ? 'cancel pending' : 'none'));
  readDrep(c, 3);
  c.u8(SERIAL_HI);
  const object = c.guid(OBJECT);
  const iid = c.guid(INTERFACE, (uuid) => uuidText(uuid, session.interfaces.get(uuid)?.name));
  const activity = c.guid(ACTIVITY);
  c.u32(SERVER_BOOT);
  const version = c.u32(INTERFACE_VERSION, (v) => `${v & 0xffff}.${v >>> 16}`);
  const callId = c.u32(SEQUENCE);
  const opnum = c.u16(OPNUM, (n) => session.interfaces.get(iid)?.ops[n]?.name ?? '');
  c.u16(INTERFACE_HINT);
  c.u16(ACTIVITY_HINT);
  const bodyLength = c.u16(LENGTH);
  const number = c.u16(NUMBER);
  const auth = c.u8(AUTH, (t) => AUTH_NAMES[t] ?? 'unknown');
  c.u8(SERIAL_LO);
  const isFragment = (flags & Flag.fragment) !== 0;
  return {
    minor: 0,
    type,
    flags: pfcFlags(flags, isFragment, number),
    littleEndian: c.littleEndian,
    length: HEADER_LENGTH + bodyLength,
    authLength: 0,
    callId,
    isFragment,
    object: object === NIL ? null : object,
    iid,
    version: `${version & 0xffff}.${version >>> 16}`,
    activity,
    opnum,
    bodyLength,
    number,
    auth,
  };
}

function pfcFlags(flags: number, isFragment: boolean, number: number): number {
  const first = !isFragment || number === 0 ? Pfc.first : 0;
  const last = !isFragment || flags & Flag.lastFragment ? Pfc.last : 0;
  return first | last | (flags & Flag.maybe ? Pfc.maybe : 0);
}

/** Authentication protocols of datagrams (C706 13.1.2.1): the numbers of connections, but for DCE's Kerberos. */
export const AUTH_NAMES: Readonly<Record<number, string>> = { ...AUTH_TYPES, 1: 'Kerberos (DCE)' };

function flagText(flags: number): string {
  const names = FLAG_NAMES.filter(([bit]) => flags & bit).map(([, name]) => name);
  return names.join(', ') || 'none';
}
