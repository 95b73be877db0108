/**
 * A frame and its layers up to the transport header, for display filters and columns: what the fast path peeks at
 * is recorded here with Wireshark's names. What follows TCP and UDP belongs to others.
 */
import type { Time } from '../../src/core/context.js';
import { Cursor } from '../../src/core/cursor.js';
import { ERF_LINK, erfHeader } from '../../src/core/headers/erf.js';
import { type Field, field, PROTOCOLS } from '../../src/core/node.js';
import type { Recording } from '../../src/core/recording.js';
import { fileSource } from '../../src/core/source.js';
import { isTold } from '../../src/core/time.js';
import { ETHERNET_ALIASES } from './ethernet.js';
import { IPV4_ALIASES } from './ipv4.js';
import { IPV6_ALIASES } from './ipv6.js';
import { dissectLayers, INNER_FIELDS, type LayersContext } from './layers.js';
import { tellProtocols } from './protocols.js';
import { FOLLOWED_TCP, TCP_ALIASES } from './tcp.js';
import { FOLLOWED_UDP, UDP_ALIASES } from './udp.js';

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
const ENTERPRISE = field('frame.cb_pen', 'Private Enterprise Number', 'uint32');
const COPYING = field('frame.cb_copy', 'Copying', 'bool');
const COMMENT = field('frame.comment', 'Comment', 'string');

/** What NetMon tells of the radio in front of 802.11: of it only the length. */
const NETMON_RADIO = field('netmon_802_11', 'NetMon 802.11 capture header');
const NETMON_LENGTH = field('netmon_802_11.length', 'Header length', 'uint16');
const NETMON_FIELDS: readonly Field[] = [NETMON_RADIO, NETMON_LENGTH];
const NETMON_ENCAPSULATION = 126;

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
  ENTERPRISE,
  COPYING,
  COMMENT,
  PROTOCOLS,
];

/** Fields of all layers up to the transport. */
export const LAYER_FIELDS: readonly Field[] = [...FRAME_FIELDS, ...NETMON_FIELDS, ...INNER_FIELDS];

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
  /** Bytes of its record in front of it. */
  readonly front?: number | undefined;
  readonly fileOffset?: number;
  /** Set where it is a custom block of pcapng. */
  readonly custom?: { readonly enterprise: number; readonly isCopied: boolean } | undefined;
}

/** What the packet itself does not tell; each part is left out of the tree where it is not known. */
export interface FrameContext extends LayersContext {
  /** When the first and the previous frame were captured. */
  readonly first?: Time;
  readonly previous?: Time;
  readonly interfaceId?: number | undefined;
  readonly interface?: { readonly name: string | null; readonly description: string | null } | undefined;
  readonly comments?: readonly string[];
}

/** LINKTYPE_ numbers by what Wireshark calls them internally and prints. */
const ENCAPSULATIONS: Readonly<Record<number, number>> = {
  0: 15,
  1: 1,
  9: 4,
  11: 10,
  12: 7,
  14: 7,
  50: 4,
  51: 139,
  100: 10,
  101: 7,
  104: 28,
  105: 20,
  107: 26,
  108: 174,
  109: 38,
  113: 25,
  117: 39,
  119: 21,
  127: 23,
  163: 24,
  166: 4,
  192: 97,
  197: 98,
  204: 19,
  228: 129,
  229: 130,
  239: 141,
  242: 180,
  258: 171,
  276: 210,
};

/** LINKTYPE_PPP_WITH_DIR. */
const PPP_WITH_DIRECTION = 204;

const nanoseconds = (t: Time): bigint => BigInt(t.sec) * 1_000_000_000n + BigInt(t.nsec);

/** Records a frame's layers as roots of `recording`. Never throws: what is odd or cut ends the layers. */
export function dissectFrame(packet: FramePacket, recording: Recording, context: FrameContext = {}): void {
  if (!recording.on) return;
  const source = fileSource('Frame', packet.bytes, packet.fileOffset ?? 0, packet.number);
  const c = new Cursor(source, recording, packet.length);
  c.littleEndian = false;
  c.protocol(FRAME, FRAME_FIELDS, () => recordFrame(c, packet, context));
  const { front = 0 } = packet;
  if (front > 0) c.protocol(NETMON_RADIO, NETMON_FIELDS, () => c.computed(NETMON_LENGTH, front));
  c.pos = 0;
  if (packet.custom !== undefined || !c.wantsAny(INNER_FIELDS)) return;
  const length = Math.max(packet.length, packet.bytes.length);
  c.frame(null, length, () => dissectLayers(c, packet.link, context), null);
}

function recordFrame(c: Cursor, packet: FramePacket, context: FrameContext): void {
  const time = (): bigint => nanoseconds(packet);
  const { custom } = packet;
  const encapsulation = packet.front ? NETMON_ENCAPSULATION : ENCAPSULATIONS[packet.link];
  if (context.interfaceId !== undefined) c.computed(INTERFACE, context.interfaceId);
  if (context.interface !== undefined) {
    // Wireshark's word for an interface without a name
    c.computed(INTERFACE_NAME, context.interface.name ?? 'unknown');
    if (context.interface.description !== null) c.computed(INTERFACE_TEXT, context.interface.description);
  }
  for (const comment of context.comments ?? []) c.computed(COMMENT, comment);
  if (custom !== undefined) {
    c.computed(ENTERPRISE, custom.enterprise);
    c.computed(COPYING, custom.isCopied);
  } else if (encapsulation !== undefined) c.computed(ENCAPSULATION, encapsulation);
  if (isTold(packet)) {
    c.computed(TIME, time);
    c.computed(EPOCH, time);
    const { previous, first } = context;
    if (previous !== undefined && isTold(previous)) c.computed(DELTA, () => time() - nanoseconds(previous));
    if (first !== undefined && isTold(first)) c.computed(RELATIVE, () => time() - nanoseconds(first));
  }
  const { bytes, link, number, front = 0 } = packet;
  c.computed(NUMBER, number);
  // what a card tells of a packet in front of it was not on the wire
  const told =
    link === ERF_LINK
      ? Math.max(0, erfHeader(bytes, 0, bytes.length))
      : link === PPP_WITH_DIRECTION
        ? Math.min(1, bytes.length)
        : 0;
  const [length, captured] = [packet.length + front - told, bytes.length + front - told];
  c.computed(LENGTH, length);
  c.computed(CAPTURED, captured);
  c.tell(() => `Frame ${number}: ${length} bytes on wire, ${captured} bytes captured`);
  // the layers stand beside this node, not below it; it spans them for what searches the whole frame
  c.pos = packet.bytes.length;
}
