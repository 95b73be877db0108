/** What all connection-oriented DCE/RPC PDUs share: the common header (C706 12.6.3.1, MS-RPCE 2.2.2). */
import { latin1Bytes } from '../../src/core/bytes.js';
import type { Cursor } from '../../src/core/cursor.js';
import type { StreamProtocol } from '../../src/core/dissector.js';
import { field } from '../../src/core/node.js';

/** PDU types (C706 12.6.4.1 and 12.5.3, MS-RPCE 2.2.2.4). */
export const PTYPES: Readonly<Record<number, string>> = {
  0: 'request',
  1: 'ping',
  2: 'response',
  3: 'fault',
  4: 'working',
  5: 'nocall',
  6: 'reject',
  7: 'ack',
  8: 'cl_cancel',
  9: 'fack',
  10: 'cancel_ack',
  11: 'bind',
  12: 'bind_ack',
  13: 'bind_nak',
  14: 'alter_context',
  15: 'alter_context_resp',
  16: 'auth3',
  17: 'shutdown',
  18: 'co_cancel',
  19: 'orphaned',
  20: 'rts',
};

export const Ptype = {
  request: 0,
  response: 2,
  fault: 3,
  bind: 11,
  bindAck: 12,
  bindNak: 13,
  alterContext: 14,
  alterContextResp: 15,
  auth3: 16,
  shutdown: 17,
  cancel: 18,
  orphaned: 19,
  rts: 20,
} as const;

/** pfc_flags (C706 12.6.3.1); 0x04 means header signing in a bind and a pending cancel elsewhere (MS-RPCE 2.2.2.3). */
export const Pfc = {
  first: 0x01,
  last: 0x02,
  supportHeaderSign: 0x04,
  concurrentMpx: 0x10,
  didNotExecute: 0x20,
  maybe: 0x40,
  object: 0x80,
} as const;

const FLAG_NAMES: readonly (readonly [number, string])[] = [
  [Pfc.first, 'first fragment'],
  [Pfc.last, 'last fragment'],
  [Pfc.concurrentMpx, 'multiplex'],
  [Pfc.didNotExecute, 'did not execute'],
  [Pfc.maybe, 'maybe'],
  [Pfc.object, 'object'],
];

export const DCERPC = field('dcerpc', 'DCE/RPC');
export const RPC_VERSION = field('dcerpc.ver', 'Version', 'uint8');
const VERSION_MINOR = field('dcerpc.ver_minor', 'Minor version', 'uint8');
export const PKT_TYPE = field('dcerpc.pkt_type', 'Packet type', 'uint8', { names: PTYPES });
const CN_FLAGS = field('dcerpc.cn_flags', 'Flags', 'uint8', { hex: true });
const DREP = field('dcerpc.drep', 'Data representation', 'bytes');
const FRAG_LEN = field('dcerpc.cn_frag_len', 'Fragment length', 'uint16');
const AUTH_LEN = field('dcerpc.cn_auth_len', 'Auth length', 'uint16');
const CALL_ID = field('dcerpc.cn_call_id', 'Call id', 'uint32');
export const PDU_FIELDS = [DCERPC, RPC_VERSION, VERSION_MINOR, PKT_TYPE, CN_FLAGS, DREP, FRAG_LEN, AUTH_LEN, CALL_ID];

/** The common header's values; the cursor's byte order is set by its drep. */
export interface Header {
  readonly minor: number;
  readonly type: number;
  readonly flags: number;
  readonly littleEndian: boolean;
  /** Fragment length in bytes, header and auth trailer included. */
  readonly length: number;
  readonly authLength: number;
  readonly callId: number;
}

/** Reads the 16 bytes of the common header and sets the cursor's byte order. */
export function readHeader(c: Cursor): Header {
  c.u8(RPC_VERSION);
  const minor = c.u8(VERSION_MINOR);
  const type = c.u8(PKT_TYPE, (t) => PTYPES[t] ?? 'unknown');
  const flags = c.u8(CN_FLAGS, (f) => flagText(f, type));
  readDrep(c, 4);
  const length = c.u16(FRAG_LEN);
  const authLength = c.u16(AUTH_LEN);
  const callId = c.u32(CALL_ID);
  return { minor, type, flags, littleEndian: c.littleEndian, length, authLength, callId };
}

function flagText(flags: number, type: number): string {
  const names = FLAG_NAMES.filter(([bit]) => flags & bit).map(([, name]) => name);
  const binding =
    type === Ptype.bind || type === Ptype.bindAck || type === Ptype.alterContext || type === Ptype.alterContextResp;
  if (flags & Pfc.supportHeaderSign) names.push(binding ? 'header signing' : 'cancel pending');
  return names.join(', ') || 'none';
}

/** Reads the format label, of `length` bytes, and sets the cursor's byte order by it. */
export function readDrep(c: Cursor, length: number): void {
  const [integers, floats] = c.raw(DREP, length, (d) => drepText(d[0], d[1]));
  c.littleEndian = (integers & 0x10) !== 0;
  if ((integers & 0x0f) !== 0 || floats !== 0)
    c.note('data-representation', `${drepText(integers, floats)}: characters and floats are read as ASCII and IEEE`);
}

/** The format label in words (C706 14.1). */
function drepText(integers: number, floats: number): string {
  const order = integers & 0x10 ? 'little endian' : 'big endian';
  const characters = integers & 0x0f ? 'EBCDIC' : 'ASCII';
  return `${order}, ${characters}, ${['IEEE', 'VAX', 'Cray', 'IBM'][floats] ?? `float format ${floats}`}`;
}

/** How PDUs are cut out of a TCP stream. Strict, because it also finds the next PDU behind a hole. */
export const DCERPC_STREAM: StreamProtocol = {
  name: 'dcerpc',
  transport: 'ncacn_ip_tcp',
  // MS-RPCH 2.1.1.1.1
  greeting: { bytes: latin1Bytes('ncacn_http/1.0'), transport: 'ncacn_http' },
  headerLength: 16,
  maxLength: 65535,
  opens: claims,
  claims,
  mayBegin: (b, at, length) => b[at] === 5 && (length < 2 || b[at + 1] <= 1),
  pduLength(b, at) {
    return b[at + 4] & 0x10 ? b[at + 8] | (b[at + 9] << 8) : (b[at + 8] << 8) | b[at + 9];
  },
};

function claims(b: Uint8Array, at: number): boolean {
  if (b[at] !== 5 || b[at + 1] > 1) return false;
  const type = b[at + 2];
  if (type > 20 || (type > 3 && type < 11) || type === 1) return false;
  // drep: integers big or little endian, characters ASCII or EBCDIC, one of four float formats, two zeros
  if ((b[at + 4] & 0xee) !== 0 || b[at + 5] > 3 || b[at + 6] !== 0 || b[at + 7] !== 0) return false;
  const le = (b[at + 4] & 0x10) !== 0;
  const length = le ? b[at + 8] | (b[at + 9] << 8) : (b[at + 8] << 8) | b[at + 9];
  const auth = le ? b[at + 10] | (b[at + 11] << 8) : (b[at + 10] << 8) | b[at + 11];
  return length >= 16 && (auth === 0 || auth + 8 + 16 <= length);
}

/** Types that clients send, and those that servers send (C706 12.6.4, MS-RPCE 2.2.2.10). */
const OF_CLIENTS: ReadonlySet<number> = new Set([
  ...[Ptype.request, Ptype.bind, Ptype.alterContext, Ptype.auth3, Ptype.cancel, Ptype.orphaned],
]);
const OF_SERVERS: ReadonlySet<number> = new Set([
  ...[Ptype.response, Ptype.fault, Ptype.bindAck, Ptype.bindNak, Ptype.alterContextResp, Ptype.shutdown],
]);

/** The end that is the client where a PDU of this type goes in this direction; null where both may send it. */
export function clientByType(type: number, direction: 0 | 1): 0 | 1 | null {
  if (OF_CLIENTS.has(type)) return direction;
  return OF_SERVERS.has(type) ? (direction === 0 ? 1 : 0) : null;
}

/** Under which a call of an association is kept: its id and its way, as nobody answers what it asked itself. */
export function callKey(header: Pick<Header, 'type' | 'callId'>, direction: 0 | 1): number {
  return header.callId * 2 + (clientByType(header.type, direction) ?? direction);
}
