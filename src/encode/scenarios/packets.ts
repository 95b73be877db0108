/**
 * TCP connections as packets (RFC 9293, 791, 8200; Ethernet): handshake, segments, acknowledgements, end, with
 * lengths and checksums that are right. And the files that hold them: pcap and pcapng.
 */

import { addressBytes, isAddress } from '../../core/address.js';
import { concat, dword, joined, word, zeros } from '../../core/bytes.js';
import { EncodeError } from '../error.js';

/** A packet and when it was sent, in microseconds since 1970. */
export interface TimedPacket {
  readonly bytes: Uint8Array;
  readonly time: bigint;
}

/** An end of a connection. */
export interface End {
  readonly address: string;
  readonly port: number;
}

const FIN = 1;
const SYN = 2;
const RST = 4;
const PSH = 8;
const ACK = 16;

/** Everything that is sent, in order, with its own clock. */
export class Network {
  readonly packets: TimedPacket[] = [];
  private ids = 1;

  /** @param time microseconds since 1970 at which the first packet is sent */
  constructor(private time: bigint) {}

  /** Lets time go by. */
  wait(microseconds: number): void {
    this.time += BigInt(microseconds);
  }

  /** Sends a TCP segment. */
  segment(from: End, to: End, header: Uint8Array, payload: Uint8Array): void {
    this.packets.push({ bytes: ethernetPacket(from, to, TCP, concat(header, payload), this.ids++), time: this.time });
    this.time += 50n;
  }
}

/** IP protocols, and where their checksums stand. */
const TCP = 6;
const UDP = 17;
const CHECKSUM_AT = { [TCP]: 16, [UDP]: 6 } as const;

/**
 * An Ethernet frame with a segment or datagram whose checksum it sets.
 * @param id that of the IP packet, where it has one
 * @throws EncodeError where the ends are of different kinds, or no addresses
 */
export function ethernetPacket(from: End, to: End, protocol: 6 | 17, segment: Uint8Array, id: number): Uint8Array {
  const a = hostBytes(from.address);
  const b = hostBytes(to.address);
  if (a.length !== b.length) throw new EncodeError('', `${from.address} and ${to.address} are of different kinds`);
  const { length } = segment;
  const pseudo =
    a.length === 4
      ? concat(a, b, [0, protocol], word(length, false))
      : concat(a, b, dword(length, false), [0, 0, 0, protocol]);
  segment.set(word(checksum(concat(pseudo, segment)), false), CHECKSUM_AT[protocol]);
  const ip =
    a.length === 4
      ? ipv4Header(a, b, protocol, length, id)
      : concat([0x60, 0, 0, 0], word(length, false), [protocol, 64], a, b);
  return concat(mac(b), mac(a), a.length === 4 ? [0x08, 0] : [0x86, 0xdd], ip, segment);
}

/** An Ethernet frame with a datagram of UDP (RFC 768). */
export function udpPacket(from: End, to: End, payload: Uint8Array, id: number): Uint8Array {
  const header = concat(word(from.port, false), word(to.port, false), word(8 + payload.length, false), [0, 0]);
  return ethernetPacket(from, to, UDP, concat(header, payload), id);
}

function ipv4Header(a: Uint8Array, b: Uint8Array, protocol: number, length: number, id: number): Uint8Array {
  const ip = concat([0x45, 0], word(20 + length, false), word(id & 0xffff, false), [0x40, 0, 64, protocol, 0, 0], a, b);
  ip.set(word(checksum(ip), false), 10);
  return ip;
}

/** One TCP connection. Side 0 is the client. */
export class MadeConnection {
  private readonly next: [number, number];

  constructor(
    private readonly network: Pick<Network, 'segment'>,
    private readonly ends: readonly [End, End],
    private readonly segmentSize: number,
    seed: number,
  ) {
    this.next = [Math.imul(seed + 1, 0x9e3779b1) >>> 0, Math.imul(seed + 1, 0x85ebca6b) >>> 0];
  }

  /** SYN, SYN and ACK, ACK. */
  open(): void {
    const mss = concat([2, 4], word(Math.min(this.segmentSize, 65495), false), [1, 1, 4, 2]);
    this.send(0, SYN, zeros(0), mss);
    this.step(0, 1);
    this.send(1, SYN | ACK, zeros(0), mss);
    this.step(1, 1);
    this.send(0, ACK);
  }

  /** Sends bytes in segments, and the other end acknowledges them. */
  data(side: 0 | 1, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += this.segmentSize) {
      const part = bytes.subarray(at, at + this.segmentSize);
      const last = at + part.length >= bytes.length;
      this.send(side, ACK | (last ? PSH : 0), part);
      this.step(side, part.length);
      // every other segment is acknowledged, and the last one
      if (last || (at / this.segmentSize) % 2 === 1) this.send(side === 0 ? 1 : 0, ACK);
    }
  }

  /** So many bytes of this side were lost. */
  lost(side: 0 | 1, n: number): void {
    this.step(side, n);
  }

  /** The end as documents say it; `close` where they do not. */
  end(how: 'close' | 'reset' | 'open' | undefined): void {
    if (how === 'reset') this.send(0, RST | ACK);
    else if (how !== 'open') this.close();
  }

  /** Both ends say that they are done. */
  private close(): void {
    this.send(0, FIN | ACK);
    this.step(0, 1);
    this.send(1, FIN | ACK);
    this.step(1, 1);
    this.send(0, ACK);
  }

  private step(side: 0 | 1, n: number): void {
    this.next[side] = (this.next[side] + n) >>> 0;
  }

  private send(side: 0 | 1, flags: number, payload = zeros(0), options = zeros(0)): void {
    const from = this.ends[side];
    const to = this.ends[side === 0 ? 1 : 0];
    const acknowledged = flags & ACK ? this.next[side === 0 ? 1 : 0] : 0;
    const header = concat(
      word(from.port, false),
      word(to.port, false),
      dword(this.next[side], false),
      dword(acknowledged, false),
      [((20 + options.length) / 4) << 4, flags],
      word(64240, false),
      [0, 0, 0, 0],
      options,
    );
    this.network.segment(from, to, header, payload);
  }
}

/** The Internet checksum (RFC 1071). */
export function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i] << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** A MAC address of our own making: locally administered, its end that of the IP address. */
function mac(address: Uint8Array): Uint8Array {
  return concat([2, 0], address.subarray(address.length - 4));
}

/**
 * Bytes of an IPv4 or IPv6 address.
 * @throws EncodeError where the text is none, or has a zone
 */
export function hostBytes(text: string): Uint8Array {
  if (isAddress(text) && !text.includes('%')) return addressBytes(text);
  throw new EncodeError('', `not an address: ${JSON.stringify(text)}`);
}

const ETHERNET = 1;
const SNAP = 262144;

/** A classic capture file, little endian, microseconds. */
export function pcap(packets: readonly TimedPacket[]): Uint8Array {
  const head = concat(
    dword(0xa1b2c3d4, true),
    word(2, true),
    word(4, true),
    zeros(8),
    dword(SNAP, true),
    dword(ETHERNET, true),
  );
  const records = packets.map(({ bytes, time }) => {
    const sec = Number(time / 1_000_000n);
    const length = dword(bytes.length, true);
    return concat(dword(sec, true), dword(Number(time % 1_000_000n), true), length, length, bytes);
  });
  return joined([head, ...records]);
}

/** A pcapng file with one section and one interface, microseconds. */
export function pcapng(packets: readonly TimedPacket[]): Uint8Array {
  const block = (type: number, body: Uint8Array): Uint8Array => {
    const length = dword(body.length + 12, true);
    return concat(dword(type, true), length, body, length);
  };
  const section = concat(
    dword(0x1a2b3c4d, true),
    word(1, true),
    word(0, true),
    dword(0xffffffff, true),
    dword(0xffffffff, true),
  );
  const iface = concat(word(ETHERNET, true), word(0, true), dword(SNAP, true));
  const blocks = packets.map(({ bytes, time }) => {
    const high = dword(Number(time >> 32n), true);
    const low = dword(Number(time & 0xffffffffn), true);
    const length = dword(bytes.length, true);
    return block(6, concat(dword(0, true), high, low, length, length, bytes, zeros(-bytes.length & 3)));
  });
  return joined([block(0x0a0d0d0a, section), block(1, iface), ...blocks]);
}
