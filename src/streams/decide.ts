/** Whose stream it is: protocols are asked in turn, by its first bytes. */
import type { StreamProtocol } from '../core/dissector.js';
import { FIRST_KNOWN, type FlowTable, GREETED } from './flow-table.js';
import type { IpPacket } from './types.js';

/** Protocols that a stream may be of: those that are looked for on any port, and all. */
interface Candidates {
  readonly anywhere: readonly StreamProtocol[];
  readonly all: readonly StreamProtocol[];
}

/**
 * Protocols of streams by what these begin with: of most streams the first bytes tell that they are of none. Each
 * beginning is asked about once, when it is met: a pass over a small capture meets few.
 */
export class FirstBytes {
  private readonly ofNone: Candidates = { anywhere: [], all: [] };
  /** By the first byte alone, then by the first two in the order of the stream: one more than places in `found`. */
  private readonly places = new Uint8Array((1 << 8) + (1 << 16));
  private readonly found: Candidates[] = [];
  /** By the first byte: 1 where it may stand in front of the first PDU (`frontOf`). */
  private readonly fronts = new Uint8Array(1 << 8);

  constructor(private readonly protocols: readonly StreamProtocol[]) {
    this.fronts[0] = 1;
    for (const { greeting } of protocols) if (greeting !== undefined) this.fronts[greeting.bytes[0]] = 1;
  }

  /** Whether a stream that begins so may have something in front of its first PDU. */
  mayHaveFront(first: number): boolean {
    return this.fronts[first] === 1;
  }

  /** Those that a stream may be of that begins with what stands at `at`, of which `length` bytes are here, in their order. */
  of(bytes: Uint8Array, at: number, length: number): Candidates {
    if (length < 1) return this.ofNone;
    const key = length < 2 ? bytes[at] : (1 << 8) + ((bytes[at] << 8) | bytes[at + 1]);
    if (this.places[key] === 0) this.places[key] = this.place(bytes.slice(at, at + Math.min(length, 2)));
    return this.found[this.places[key] - 1];
  }

  private place(beginning: Uint8Array): number {
    const may = this.protocols.filter((p) => p.mayBegin(beginning, 0, beginning.length));
    const before = this.found.findIndex(({ all }) => all.length === may.length && all.every((p) => may.includes(p)));
    if (before >= 0) return before + 1;
    return this.found.push({ anywhere: may.filter((p) => p.ports === undefined), all: may });
  }
}

/** Bytes at a stream's beginning that belong to no PDU. */
export interface Front {
  readonly length: number;
  /** Whether they are a server's greeting. */
  readonly isGreeting: boolean;
}

/** A greeting, or zero bytes, at `at`; null where a stream begins otherwise. */
export function frontOf(protocols: readonly StreamProtocol[], b: Uint8Array, at: number, end: number): Front | null {
  for (const { greeting } of protocols)
    if (greeting !== undefined && b[at] === greeting.bytes[0] && stands(greeting.bytes, b, at, end))
      return { length: greeting.bytes.length, isGreeting: true };
  let to = at;
  while (to < end && b[to] === 0) to++;
  return to > at ? { length: to - at, isGreeting: false } : null;
}

function stands(text: Uint8Array, b: Uint8Array, at: number, end: number): boolean {
  return text.length <= end - at && text.every((byte, i) => b[at + i] === byte);
}

/** Where a flow's payload stands. */
interface Payload {
  readonly table: FlowTable;
  readonly slot: number;
  readonly direction: 0 | 1;
  readonly sequence: number;
  readonly payload: number;
  readonly captured: number;
}

/** Length of what stands in front of a stream's first PDU: the stream is taken to begin behind it. */
export function passFront(protocols: readonly StreamProtocol[], ip: IpPacket, at: Payload): number {
  const { table, slot, direction, sequence, payload, captured } = at;
  const front = frontOf(protocols, ip.bytes, payload, payload + captured);
  if (front === null) return 0;
  const flags = table.flags(slot);
  const isKnown = (flags & (FIRST_KNOWN << direction)) !== 0;
  if (isKnown && ((sequence - table.first(slot, direction)) | 0) !== 0) return 0;
  if (isKnown) table.setFirst(slot, direction, (sequence + front.length) >>> 0);
  if (front.isGreeting) table.setFlags(slot, flags | GREETED);
  return front.length;
}

/** The protocol that a port of the packet is taken for. */
export function forcedOn(ports: ReadonlyMap<number, 'dcerpc'>, ip: IpPacket): string | undefined {
  const b = ip.bytes;
  const at = ip.start;
  return ports.get((b[at] << 8) | b[at + 1]) ?? ports.get((b[at + 2] << 8) | b[at + 3]);
}

/** Those of the protocols that are looked for on the packet's ports. */
export function onItsPorts({ anywhere, all }: Candidates, ip: IpPacket): readonly StreamProtocol[] {
  if (all.length === 0) return all;
  let here = 0;
  for (const { ports } of all) if (ports === undefined || isOn(ports, ip)) here++;
  // mostly one of the two, and no list is made
  if (here === anywhere.length) return anywhere;
  return here === all.length ? all : all.filter(({ ports }) => ports === undefined || isOn(ports, ip));
}

/** Whether one of the packet's ports is one of these. */
function isOn(ports: ReadonlySet<number>, ip: IpPacket): boolean {
  const b = ip.bytes;
  const at = ip.start;
  return ports.has((b[at] << 8) | b[at + 1]) || ports.has((b[at + 2] << 8) | b[at + 3]);
}

/** The protocol that a stream opens with at `at`, if one says so. */
export function openedBy(
  protocols: readonly StreamProtocol[],
  bytes: Uint8Array,
  at: number,
  end: number,
): StreamProtocol | null {
  for (const p of protocols) if (end - at >= p.headerLength && p.opens(bytes, at, end)) return p;
  return null;
}

/** Whether so few first bytes of a stream may be those of one of the protocols. */
export function mayOpen(protocols: readonly StreamProtocol[], bytes: Uint8Array, at: number, length: number): boolean {
  return protocols.some((p) => length < (p.surelyBy ?? p.headerLength) && p.mayBegin(bytes, at, length));
}

/** What a stream is cut for until it shows whose it is; `chosen` is told then. */
export function undecided(
  protocols: readonly StreamProtocol[],
  chosen: (protocol: StreamProtocol) => void,
): StreamProtocol {
  const opens = (bytes: Uint8Array, at: number, end: number): boolean => openedBy(protocols, bytes, at, end) !== null;
  return {
    name: 'undecided',
    transport: 'ncacn_ip_tcp',
    headerLength: Math.max(...protocols.map((p) => p.headerLength)),
    maxLength: Math.max(...protocols.map((p) => p.maxLength)),
    opens,
    claims: opens,
    mayBegin: (bytes, at, length) => mayOpen(protocols, bytes, at, length),
    pduLength(bytes, at, end, measuring) {
      const protocol = openedBy(protocols, bytes, at, end);
      if (protocol === null) return 0;
      // whatever becomes of its first PDU: what it opens with is not lost without a word
      chosen(protocol);
      return protocol.pduLength(bytes, at, end, measuring);
    },
  };
}
