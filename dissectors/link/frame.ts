/**
 * A frame and its layers up to the transport header, for display filters and columns: what the fast path peeks at
 * is recorded here with Wireshark's names. What follows TCP and UDP belongs to others.
 */
import type { Time } from '../../src/core/context.js';
import { Cursor } from '../../src/core/cursor.js';
import { type Field, field, PROTOCOLS } from '../../src/core/node.js';
import type { Recording } from '../../src/core/recording.js';
import { type DataSource, fileSource } from '../../src/core/source.js';
import { dissectEthernet, dissectTrailer, ETHERNET_ALIASES, ETHERNET_FIELDS } from './ethernet.js';
import { dissectIpv4, IPV4_ALIASES, IPV4_FIELDS, type NetworkPacket } from './ipv4.js';
import { dissectIpv6, IPV6_ALIASES, IPV6_FIELDS } from './ipv6.js';
import { dissectSll, SLL_FIELDS } from './linux-sll.js';
import { tellProtocols } from './protocols.js';
import { dissectTcp, FOLLOWED_TCP, TCP_ALIASES, TCP_FIELDS, type TcpContext } from './tcp.js';
import { dissectUdp, FOLLOWED_UDP, UDP_ALIASES, UDP_FIELDS } from './udp.js';

const FRAME = field('frame', 'Frame');
const ENCAPSULATION = field('frame.encap_type', 'Encapsulation type', 'int16');
const TIME = field('frame.time', 'Arrival Time', 'time');
const EPOCH = field('frame.time_epoch', 'Epoch Time', 'time');
const DELTA = field('frame.time_delta', 'Time delta from previous captured frame', 'time');
const RELATIVE = field('frame.time_relative', 'Time since reference or first frame', 'time');
const NUMBER = field('frame.number', 'Frame Number', 'uint32');
const LENGTH = field('frame.len', 'Frame Length', 'uint32');
const CAPTURED = field('frame.cap_len', 'Capture Length', 'uint32');
const INTERFACE = field('frame.interface_id', 'Interface id', 'uint32');
const INTERFACE_NAME = field('frame.interface_name', 'Interface name', 'string');
const INTERFACE_TEXT = field('frame.interface_description', 'Interface description', 'string');
const COMMENT = field('frame.comment', 'Comment', 'string');
const NULL = field('null', 'Null/Loopback');
const FAMILY = field('null.family', 'Family', 'uint32');

/** Fields of the frame alone. */
const FRAME_FIELDS: readonly Field[] = [
  FRAME,
  ENCAPSULATION,
  TIME,
  EPOCH,
  DELTA,
  RELATIVE,
  NUMBER,
  LENGTH,
  CAPTURED,
  INTERFACE,
  INTERFACE_NAME,
  INTERFACE_TEXT,
  COMMENT,
  PROTOCOLS,
];

const TRANSPORT_FIELDS: readonly Field[] = [...TCP_FIELDS, ...UDP_FIELDS];

/** Fields of what is in a frame, up to the transport. */
const INNER_FIELDS: readonly Field[] = [
  NULL,
  FAMILY,
  ...ETHERNET_FIELDS,
  ...SLL_FIELDS,
  ...IPV4_FIELDS,
  ...IPV6_FIELDS,
  ...TRANSPORT_FIELDS,
];

/** Fields of all layers up to the transport. */
export const LAYER_FIELDS: readonly Field[] = [...FRAME_FIELDS, ...INNER_FIELDS];

/** Those that only hold where conversations were followed. */
dissectFrame.followed = [...FOLLOWED_TCP, ...FOLLOWED_UDP] as readonly Field[];

dissectFrame.tellProtocols = tellProtocols;

/** Names that stand for two fields each. */
export const LAYER_ALIASES = [...ETHERNET_ALIASES, ...IPV4_ALIASES, ...IPV6_ALIASES, ...TCP_ALIASES, ...UDP_ALIASES];

/** One packet as captured. */
export interface FramePacket {
  readonly number: number;
  readonly sec: number;
  readonly nsec: number;
  /** LINKTYPE_ number. */
  readonly link: number;
  /** The packet's own bytes, as far as they were captured. */
  readonly bytes: Uint8Array;
  /** Bytes on the wire. */
  readonly length: number;
  readonly fileOffset?: number;
}

/** What the packet itself does not tell; each part is left out of the tree where it is not known. */
export interface FrameContext extends TcpContext {
  /** When the first and the previous frame were captured. */
  readonly first?: Time;
  readonly previous?: Time;
  readonly interfaceId?: number | undefined;
  readonly interface?: { readonly name: string | null; readonly description: string | null } | undefined;
  readonly comments?: readonly string[];
  /** The datagram that this fragment completed: from its transport header on, as captured, and its length as sent. */
  readonly reassembled?: { readonly bytes: Uint8Array; readonly length: number; readonly protocol: number } | undefined;
}

/** LINKTYPE_ numbers by what Wireshark calls them internally and prints. */
const ENCAPSULATIONS: Readonly<Record<number, number>> = {
  0: 15,
  1: 1,
  12: 7,
  14: 7,
  101: 7,
  108: 174,
  113: 25,
  228: 129,
  229: 130,
  276: 210,
};

const nanoseconds = (t: Time): bigint => BigInt(t.sec) * 1_000_000_000n + BigInt(t.nsec);

/** Records a frame's layers as roots of `recording`. Never throws: what is odd or cut ends the layers. */
export function dissectFrame(packet: FramePacket, recording: Recording, context: FrameContext = {}): void {
  if (!recording.on) return;
  const source = fileSource('Frame', packet.bytes, packet.fileOffset ?? 0, packet.number);
  const c = new Cursor(source, recording, packet.length);
  c.littleEndian = false;
  c.protocol(FRAME, FRAME_FIELDS, () => recordFrame(c, packet, context));
  c.pos = 0;
  if (!c.wantsAny(INNER_FIELDS)) return;
  c.frame(
    null,
    Math.max(packet.length, packet.bytes.length),
    () => recordLayers(c, packet.link, context, source),
    null,
  );
}

function recordFrame(c: Cursor, packet: FramePacket, context: FrameContext): void {
  const time = (): bigint => nanoseconds(packet);
  const encapsulation = ENCAPSULATIONS[packet.link];
  if (context.interfaceId !== undefined) c.computed(INTERFACE, context.interfaceId);
  if (context.interface !== undefined) {
    // Wireshark's word for an interface without a name
    c.computed(INTERFACE_NAME, context.interface.name ?? 'unknown');
    if (context.interface.description !== null) c.computed(INTERFACE_TEXT, context.interface.description);
  }
  for (const comment of context.comments ?? []) c.computed(COMMENT, comment);
  if (encapsulation !== undefined) c.computed(ENCAPSULATION, encapsulation);
  c.computed(TIME, time);
  c.computed(EPOCH, time);
  const { previous, first } = context;
  if (previous !== undefined) c.computed(DELTA, () => time() - nanoseconds(previous));
  if (first !== undefined) c.computed(RELATIVE, () => time() - nanoseconds(first));
  c.computed(NUMBER, packet.number);
  c.computed(LENGTH, packet.length);
  c.computed(CAPTURED, packet.bytes.length);
  c.tell(() => `Frame ${packet.number}: ${packet.length} bytes on wire, ${packet.bytes.length} bytes captured`);
  // the layers stand beside this node, not below it; it spans them for what searches the whole frame
  c.pos = packet.bytes.length;
}

function recordLayers(c: Cursor, link: number, context: FrameContext, source: DataSource): void {
  switch (link) {
    case 1: {
      const { type, node } = dissectEthernet(c);
      recordNetwork(c, type, context, source);
      if (type === 0x0800 || type === 0x86dd) dissectTrailer(c, node);
      return;
    }
    case 113:
    case 276:
      recordNetwork(c, dissectSll(c, link === 113 ? 1 : 2), context, source);
      return;
    case 0:
    case 108:
      // the family is in the order of the machine that captured; the version of IP says the same
      c.group(NULL, () => readFamily(c, link === 0), null);
      recordNetwork(c, versionType(c), context, source);
      return;
    case 12:
    case 14:
    case 101:
    case 228:
    case 229:
      recordNetwork(c, versionType(c), context, source);
  }
}

function readFamily(c: Cursor, hostOrder: boolean): void {
  const family = c.peek32();
  c.littleEndian = hostOrder && (family < 0 || family > 0xffff);
  c.u32(FAMILY);
  c.littleEndian = false;
}

/** The EtherType of an IP packet without a link layer. */
function versionType(c: Cursor): number {
  const version = c.peek() >>> 4;
  return version === 4 ? 0x0800 : version === 6 ? 0x86dd : -1;
}

function recordNetwork(c: Cursor, type: number, context: FrameContext, source: DataSource): void {
  if (type !== 0x0800 && type !== 0x86dd) return;
  // the header's own version tells more than the EtherType in front of it, and is what the streams go by
  const version = versionType(c);
  const read = (version < 0 ? type : version) === 0x0800 ? dissectIpv4 : dissectIpv6;
  const ip = read(c);
  if (!ip.isFragment) {
    c.frame(null, Math.min(ip.length, c.claimedLeft), () => recordTransport(c, ip, context), null);
    return;
  }
  const start = c.pos;
  c.pos += Math.min(ip.length, c.left);
  if (context.reassembled === undefined) return;
  // only the frame that completes a datagram shows what is in it, as in Wireshark
  const from = { source, start, end: c.pos };
  const { bytes, length, protocol } = context.reassembled;
  const whole = c.over({ kind: 'derived', name: 'Reassembled IP', bytes, from }, length);
  whole.frame(null, length, () => recordTransport(whole, { protocol, length, isFragment: false }, context), null);
}

function recordTransport(c: Cursor, ip: NetworkPacket, context: FrameContext): void {
  if (!c.wantsAny(TRANSPORT_FIELDS)) return;
  if (ip.protocol === 6) dissectTcp(c, ip.length, context);
  else if (ip.protocol === 17) dissectUdp(c, ip.length, context.stream);
}
