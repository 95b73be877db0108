/**
 * What a frame's transport header does not tell alone: the number of its conversation, where the sequence numbers
 * of a connection begin, and how far its windows are shifted. Counted as Wireshark counts.
 */
import { FlowTable, fillKey6 } from '../streams/flow-table.js';
import type { IpPacket } from '../streams/types.js';

/** What is known of a packet's conversation. */
export interface Conversation {
  /** Counts from 0 in the order of first packets, TCP and UDP each on its own. */
  readonly stream: number;
  /** The sequence number before the first byte of data (that of a SYN), of the sender and of the receiver. */
  readonly sequenceBase?: number;
  readonly ackBase?: number | undefined;
  /** How far the sender's windows are shifted (RFC 7323 2.2); absent where its SYN was not seen. */
  readonly windowShift?: number | undefined;
}

const UDP = 17;

const SYN = 2;
const ACK = 16;

/** Flags of a flow in its table: it has its number, its directions' first numbers are known; window scales. */
const NUMBERED = 1;
const BASE = 2;
const SCALE = 3;
const SCALE_BITS = 5;
/** A window scale as it is kept: not known, known to be none, or `SHIFTED` and the shift. */
const UNKNOWN = 0;
const UNSCALED = 1;
const SHIFTED = 2;
/** RFC 7323 2.3: larger shifts are taken for this one. */
const MAX_SHIFT = 14;

/** Conversations of a capture, those idle longest forgotten where there are too many. */
export class Conversations {
  private readonly tcp: Flows;
  private readonly udp: Flows;

  /** @param flows conversations remembered at most, of each kind */
  constructor(flows: number) {
    this.tcp = new Flows(flows);
    this.udp = new Flows(flows);
  }

  /** Takes a packet of TCP or UDP in the order of the capture; undefined where its header is cut. */
  of(ip: IpPacket, protocol: number): Conversation | undefined {
    const captured = ip.captured - ip.start;
    if (protocol === UDP) return captured < 8 ? undefined : { stream: this.udp.find(ip).stream };
    return captured < 16 ? undefined : this.segment(ip);
  }

  private segment(ip: IpPacket): Conversation {
    const b = ip.bytes;
    const at = ip.start;
    const flow = this.tcp.find(ip);
    const { table, slot, direction } = flow;
    const other = (1 - direction) as 0 | 1;
    const sequence = word(b, at + 4);
    const flags = b[at + 13];
    let state = table.flags(slot);
    const isKnown = (state & (BASE << direction)) !== 0;
    if (isKnown && (flags & (SYN | ACK)) === SYN && table.first(slot, direction) !== sequence) {
      // no SYN that is sent again: the ports are used again
      state = NUMBERED;
      table.setFollower(slot, this.tcp.next());
    }
    if ((state & (BASE << direction)) === 0 || (flags & SYN) !== 0) {
      table.setFirst(slot, direction, (flags & SYN) !== 0 ? sequence : sequence - 1);
      state |= BASE << direction;
    }
    if ((flags & ACK) !== 0 && (state & (BASE << other)) === 0) {
      table.setFirst(slot, other, word(b, at + 8) - 1);
      state |= BASE << other;
    }
    const scale = scaleOf(state, direction);
    const shift = announced(ip);
    let after = shift === null ? state : withScale(state, direction, SHIFTED + shift);
    if ((flags & SYN) !== 0) after = negotiated(after, direction, (flags & ACK) !== 0);
    table.setFlags(slot, after);
    return {
      stream: table.follower(slot),
      sequenceBase: table.first(slot, direction),
      ackBase: (state & (BASE << other)) === 0 ? undefined : table.first(slot, other),
      windowShift: scale === UNKNOWN ? undefined : scale === UNSCALED ? 0 : scale - SHIFTED,
    };
  }
}

/** Numbered flows of one transport. */
class Flows {
  private readonly v4: FlowTable;
  private readonly v6: FlowTable;
  private now = 0;
  private count = 0;

  constructor(flows: number) {
    const nothing = (): void => {};
    this.v4 = new FlowTable(3, flows, nothing, nothing);
    this.v6 = new FlowTable(9, flows, nothing, nothing);
  }

  /** The number of a new conversation. */
  next(): number {
    return this.count++;
  }

  find(ip: IpPacket): { table: FlowTable; slot: number; direction: 0 | 1; stream: number } {
    const { bytes: b, start, header } = ip;
    const source = (b[start] << 8) | b[start + 1];
    const target = (b[start + 2] << 8) | b[start + 3];
    const table = ip.version === 4 ? this.v4 : this.v6;
    const direction =
      ip.version === 4
        ? fillKey4(table.key, b, header, source, target)
        : fillKey6(table.key, b, header, source, target);
    const slot = table.find(++this.now);
    if ((table.flags(slot) & NUMBERED) === 0) {
      table.setFlags(slot, NUMBERED);
      table.setFollower(slot, this.next());
    }
    return { table, slot, direction, stream: table.follower(slot) };
  }
}

/** Settles both directions' scales by a SYN: only where both SYNs announce one are windows shifted (RFC 7323 2.2). */
function negotiated(state: number, direction: 0 | 1, isAnswer: boolean): number {
  const other = (1 - direction) as 0 | 1;
  if (scaleOf(state, direction) === UNKNOWN) return withScale(withScale(state, direction, UNSCALED), other, UNSCALED);
  return isAnswer && scaleOf(state, other) === UNSCALED ? withScale(state, direction, UNSCALED) : state;
}

function scaleOf(state: number, direction: 0 | 1): number {
  return (state >> (SCALE + direction * SCALE_BITS)) & 31;
}

function withScale(state: number, direction: 0 | 1, scale: number): number {
  const at = SCALE + direction * SCALE_BITS;
  return (state & ~(31 << at)) | (scale << at);
}

/** The window scale option (3), null without one. */
function announced(ip: IpPacket): number | null {
  const { bytes: b, start } = ip;
  const end = Math.min(ip.captured, start + ((b[start + 12] >> 4) << 2));
  for (let at = start + 20; at < end && b[at] !== 0; ) {
    if (b[at] === 1) {
      at++;
      continue;
    }
    const length = at + 1 < end ? b[at + 1] : 0;
    if (length < 2 || at + length > end) return null;
    if (b[at] === 3 && length === 3) return Math.min(b[at + 2], MAX_SHIFT);
    at += length;
  }
  return null;
}

function word(b: Uint8Array, at: number): number {
  return ((b[at] << 24) | (b[at + 1] << 16) | (b[at + 2] << 8) | b[at + 3]) >>> 0;
}

/** Fills a three-word key from an IPv4 header; returns the packet's direction. */
function fillKey4(key: Int32Array, b: Uint8Array, header: number, source: number, target: number): 0 | 1 {
  const from = word(b, header + 12);
  const to = word(b, header + 16);
  const direction = from < to || (from === to && source < target) ? 0 : 1;
  key[0] = direction === 0 ? from : to;
  key[1] = direction === 0 ? to : from;
  key[2] = direction === 0 ? (source << 16) | target : (target << 16) | source;
  return direction;
}
