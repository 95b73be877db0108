/** Transmission Control Protocol (RFC 9293 3.1): the header, and where the payload lies. */
import type { Cursor } from '../../src/core/cursor.js';
import { type Field, field } from '../../src/core/node.js';

const TCP = field('tcp', 'Transmission Control Protocol');
const SOURCE = field('tcp.srcport', 'Source Port', 'uint16');
const DESTINATION = field('tcp.dstport', 'Destination Port', 'uint16');
const STREAM = field('tcp.stream', 'Stream index', 'uint32');
const LENGTH = field('tcp.len', 'TCP Segment Len', 'uint32');
const SEQUENCE = field('tcp.seq', 'Sequence Number', 'uint32');
const SEQUENCE_RAW = field('tcp.seq_raw', 'Sequence Number (raw)', 'uint32');
const NEXT_SEQUENCE = field('tcp.nxtseq', 'Next Sequence Number', 'uint32');
const ACK = field('tcp.ack', 'Acknowledgment Number', 'uint32');
const ACK_RAW = field('tcp.ack_raw', 'Acknowledgment number (raw)', 'uint32');
const HEADER_LENGTH = field('tcp.hdr_len', 'Header Length', 'uint8');
const FLAGS = field('tcp.flags', 'Flags', 'uint16', { hex: true });
const RESERVED = field('tcp.flags.res', 'Reserved', 'bool');
/** Bits of the flags from the highest to the lowest, with the letters of `tcp.flags.str`. */
const FLAG_BITS: readonly (readonly [Field, string])[] = [
  [field('tcp.flags.ae', 'Accurate ECN', 'bool'), 'A'],
  [field('tcp.flags.cwr', 'Congestion Window Reduced', 'bool'), 'C'],
  [field('tcp.flags.ece', 'ECN-Echo', 'bool'), 'E'],
  [field('tcp.flags.urg', 'Urgent', 'bool'), 'U'],
  [field('tcp.flags.ack', 'Acknowledgment', 'bool'), 'A'],
  [field('tcp.flags.push', 'Push', 'bool'), 'P'],
  [field('tcp.flags.reset', 'Reset', 'bool'), 'R'],
  [field('tcp.flags.syn', 'Syn', 'bool'), 'S'],
  [field('tcp.flags.fin', 'Fin', 'bool'), 'F'],
];
const FLAGS_TEXT = field('tcp.flags.str', 'TCP Flags', 'string');
const SINGLE_FLAGS: readonly Field[] = [RESERVED, ...FLAG_BITS.map(([f]) => f), FLAGS_TEXT];
const WINDOW = field('tcp.window_size_value', 'Window', 'uint16');
const WINDOW_SIZE = field('tcp.window_size', 'Calculated window size', 'uint32');
const CHECKSUM = field('tcp.checksum', 'Checksum', 'uint16', { hex: true });
const URGENT = field('tcp.urgent_pointer', 'Urgent Pointer', 'uint16');
const OPTIONS = field('tcp.options', 'TCP Options', 'bytes');
const PAYLOAD = field('tcp.payload', 'TCP payload', 'bytes');

/** Fields of TCP. */
export const TCP_FIELDS: readonly Field[] = [
  TCP,
  SOURCE,
  DESTINATION,
  STREAM,
  LENGTH,
  SEQUENCE,
  SEQUENCE_RAW,
  NEXT_SEQUENCE,
  ACK,
  ACK_RAW,
  HEADER_LENGTH,
  FLAGS,
  ...SINGLE_FLAGS,
  WINDOW,
  WINDOW_SIZE,
  CHECKSUM,
  URGENT,
  OPTIONS,
  PAYLOAD,
];
/** Of these only somebody who followed the connection knows the values; the protocol's line has one of them. */
export const FOLLOWED_TCP: readonly Field[] = [TCP, STREAM, SEQUENCE, NEXT_SEQUENCE, ACK, WINDOW_SIZE];
/** One name for both ports. */
export const TCP_ALIASES = [
  { field: field('tcp.port', 'Source or Destination Port', 'uint16'), of: ['tcp.srcport', 'tcp.dstport'] },
];

/** What only somebody who followed the connection knows. */
export interface TcpContext {
  readonly stream?: number | undefined;
  /** Sequence number of the first byte that each side sent, SYN included; without them numbers print raw. */
  readonly sequenceBase?: number | undefined;
  readonly ackBase?: number | undefined;
  /** Shift of the window that the sender announced. */
  readonly windowShift?: number | undefined;
}

const ACK_BIT = 0x10;

/** Records the header and the payload; `length` bytes are claimed by the network layer. */
export function dissectTcp(c: Cursor, length: number, context: TcpContext): void {
  c.protocol(TCP, TCP_FIELDS, () => readSegment(c, length, context));
}

function readSegment(c: Cursor, length: number, context: TcpContext): void {
  const source = c.u16(SOURCE);
  const destination = c.u16(DESTINATION);
  if (context.stream !== undefined) c.computed(STREAM, context.stream);
  const headerLength = (c.peek(8) >>> 4) * 4;
  const payload = Math.max(0, length - headerLength);
  if (c.left > 8) c.computed(LENGTH, payload);
  const flags = ((c.peek(8) & 15) << 8) | c.peek(9);
  const base = context.sequenceBase ?? 0;
  const raw = c.bits(SEQUENCE, 4, (n) => (n - base) >>> 0);
  const sequence = (raw - base) >>> 0;
  c.computed(SEQUENCE_RAW, raw);
  // SYN and FIN take a number each, and never come together
  const next = (sequence + payload + ((flags & 3) === 0 ? 0 : 1)) >>> 0;
  if (c.left > 4) c.computed(NEXT_SEQUENCE, next);
  const ackBase = context.ackBase ?? 0;
  // without its flag it counts from nothing
  const ack = c.bits(ACK, 4, (n) => ((flags & ACK_BIT) === 0 ? n : (n - ackBase) >>> 0));
  c.computed(ACK_RAW, ack);
  c.bits(HEADER_LENGTH, 1, () => headerLength);
  if (headerLength < 20) c.fail(`a TCP header of ${headerLength} bytes`);
  c.bits(
    FLAGS,
    1,
    () => flags,
    () => flagsText(flags),
  );
  if (c.wantsAny(SINGLE_FLAGS)) {
    c.computed(RESERVED, (flags & 0xe00) !== 0);
    for (const [i, [f]] of FLAG_BITS.entries()) c.computed(f, (flags & (0x100 >>> i)) !== 0);
    c.computed(FLAGS_TEXT, () => flagsText(flags));
  }
  const window = c.u16(WINDOW);
  // the window of a SYN is never scaled (RFC 7323 2.2)
  c.computed(WINDOW_SIZE, (flags & 2) !== 0 ? window : window * 2 ** (context.windowShift ?? 0));
  c.u16(CHECKSUM);
  c.u16(URGENT);
  c.tell(
    () =>
      `Transmission Control Protocol, Src Port: ${source}, Dst Port: ${destination}, Seq: ${sequence}, Len: ${payload}`,
  );
  if (headerLength > 20) c.skip(OPTIONS, headerLength - 20);
  const captured = Math.min(payload, c.left);
  if (captured > 0) c.carry(PAYLOAD, captured);
}

/** Twelve places, dots where a flag is not set: `·······AP···`. */
function flagsText(flags: number): string {
  const reserved = [0x800, 0x400, 0x200].map((bit) => ((flags & bit) !== 0 ? 'R' : '·'));
  return [...reserved, ...FLAG_BITS.map(([, letter], i) => ((flags & (0x100 >>> i)) !== 0 ? letter : '·'))].join('');
}
