/**
 * Named builders of packets and capture files for tests. Numbers are in network byte order inside packets, as
 * the options say in capture files.
 */

import { xxh32 } from '../src/platform/lz4/xxh32.js';

/** Bytes one behind the other. */
export function concat(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** 16 bits, big endian unless said otherwise. */
export function u16(value: number, littleEndian = false): Uint8Array {
  const b = new Uint8Array(2);
  new DataView(b.buffer).setUint16(0, value, littleEndian);
  return b;
}

/** 32 bits, big endian unless said otherwise. */
export function u32(value: number, littleEndian = false): Uint8Array {
  const b = new Uint8Array(4);
  new DataView(b.buffer).setUint32(0, value >>> 0, littleEndian);
  return b;
}

/** `a.b.c.d` */
function ipv4Address(text: string): Uint8Array {
  return Uint8Array.from(text.split('.').map(Number));
}

/** An Ethernet frame; `tags` are VLAN tag types in front of the EtherType. */
export function ethernet(payload: Uint8Array, type = 0x0800, tags: readonly number[] = []): Uint8Array {
  const vlans = tags.map((tag) => concat(u16(tag), u16(7)));
  return concat(new Uint8Array(12), ...vlans, u16(type), payload);
}

export interface Ipv4Options {
  id?: number;
  /** In bytes; a multiple of 8. */
  fragmentOffset?: number;
  moreFragments?: boolean;
  /** IP options, a multiple of 4 bytes. */
  options?: Uint8Array;
}

/** An IPv4 packet (checksum left zero). */
export function ipv4(src: string, dst: string, protocol: number, payload: Uint8Array, o: Ipv4Options = {}): Uint8Array {
  const options = o.options ?? new Uint8Array(0);
  const header = 20 + options.length;
  const fragment = ((o.fragmentOffset ?? 0) >> 3) | (o.moreFragments ? 0x2000 : 0);
  return concat(
    [0x40 | (header >> 2), 0],
    u16(header + payload.length),
    u16(o.id ?? 0),
    u16(fragment),
    [64, protocol, 0, 0],
    ipv4Address(src),
    ipv4Address(dst),
    options,
    payload,
  );
}

/** An IPv6 packet; `next` is the kind of what `payload` begins with. Addresses as 16 bytes. */
export function ipv6(src: Uint8Array, dst: Uint8Array, next: number, payload: Uint8Array): Uint8Array {
  return concat([0x60, 0, 0, 0], u16(payload.length), [next, 64], src, dst, payload);
}

export const FIN = 1;
export const SYN = 2;
export const RST = 4;
export const ACK = 16;

/** A TCP segment (checksum left zero). */
export function tcp(
  from: number,
  to: number,
  sequence: number,
  payload: Uint8Array = new Uint8Array(0),
  flags = ACK,
  acknowledgement = 0,
): Uint8Array {
  return concat(
    u16(from),
    u16(to),
    u32(sequence),
    u32(acknowledgement),
    [0x50, flags, 0xff, 0xff, 0, 0, 0, 0],
    payload,
  );
}

/** A UDP datagram (checksum left zero). */
export function udp(from: number, to: number, payload: Uint8Array): Uint8Array {
  return concat(u16(from), u16(to), u16(8 + payload.length), [0, 0], payload);
}

/** A connection-oriented DCE/RPC PDU (C706 12.6.3) of `length` bytes; its body counts up from `seed`. */
export function dcerpcPdu(
  length: number,
  o: { type?: number; littleEndian?: boolean; seed?: number } = {},
): Uint8Array {
  const little = o.littleEndian ?? true;
  const b = new Uint8Array(length);
  // Bodies never hold a 5, so that nothing in them looks like a header.
  for (let i = 16; i < length; i++) b[i] = 16 + (((o.seed ?? 0) + i) % 200);
  b.set([5, 0, o.type ?? 0, 3, little ? 0x10 : 0, 0, 0, 0]);
  b.set(u16(length, little), 8);
  b.set(u32(o.seed ?? 0, little), 12);
  return b;
}

/** A packet for a capture file. */
export interface FilePacket {
  bytes: Uint8Array;
  sec?: number;
  /** In the file's unit. */
  fraction?: number;
  /** Length on the wire, that of `bytes` by default. */
  length?: number;
}

/** A classic capture file. */
export function pcapFile(
  packets: readonly FilePacket[],
  o: { littleEndian?: boolean; magic?: number; link?: number; snapLength?: number } = {},
): Uint8Array {
  const le = o.littleEndian ?? true;
  const magic = o.magic ?? 0xa1b2c3d4;
  const more = magic === 0xa1b2cd34 ? 8 : 0;
  const header = concat(
    u32(magic, le),
    u16(2, le),
    u16(4, le),
    new Uint8Array(8),
    u32(o.snapLength ?? 262144, le),
    u32(o.link ?? 1, le),
  );
  const records = packets.map((p, i) =>
    concat(
      u32(p.sec ?? 1_700_000_000 + i, le),
      u32(p.fraction ?? i, le),
      u32(p.bytes.length, le),
      u32(p.length ?? p.bytes.length, le),
      new Uint8Array(more),
      p.bytes,
    ),
  );
  return concat(header, ...records);
}

/** A pcapng block: type, length, body padded to 4 bytes, length. */
export function block(type: number, body: Uint8Array, le = true): Uint8Array {
  const padded = concat(body, new Uint8Array(-body.length & 3));
  const length = u32(padded.length + 12, le);
  return concat(u32(type, le), length, padded, length);
}

/** A pcapng option. */
export function option(code: number, value: Uint8Array, le = true): Uint8Array {
  return concat(u16(code, le), u16(value.length, le), value, new Uint8Array(-value.length & 3));
}

/** Section header block. */
export function sectionHeader(le = true, options: Uint8Array = new Uint8Array(0)): Uint8Array {
  return block(
    0x0a0d0d0a,
    concat(u32(0x1a2b3c4d, le), u16(1, le), u16(0, le), u32(0xffffffff, le), u32(0xffffffff, le), options),
    le,
  );
}

/** Interface description block. */
export function interfaceBlock(
  le = true,
  link = 1,
  options: Uint8Array = new Uint8Array(0),
  snapLength = 0,
): Uint8Array {
  return block(1, concat(u16(link, le), u16(0, le), u32(snapLength, le), options), le);
}

/** Enhanced packet block; the time stamp in units of the interface. */
export function enhancedPacket(
  bytes: Uint8Array,
  o: { le?: boolean; interfaceId?: number; stamp?: bigint; length?: number; options?: Uint8Array } = {},
): Uint8Array {
  const le = o.le ?? true;
  const stamp = o.stamp ?? 0n;
  return block(
    6,
    concat(
      u32(o.interfaceId ?? 0, le),
      u32(Number(stamp >> 32n), le),
      u32(Number(stamp & 0xffffffffn), le),
      u32(bytes.length, le),
      u32(o.length ?? bytes.length, le),
      bytes,
      new Uint8Array(-bytes.length & 3),
      o.options ?? new Uint8Array(0),
    ),
    le,
  );
}

/** Simple packet block, which tells neither time nor interface. */
export function simplePacket(bytes: Uint8Array, le = true): Uint8Array {
  return block(3, concat(u32(bytes.length, le), bytes, new Uint8Array(-bytes.length & 3)), le);
}

/** A block of zstd (RFC 8878 3.1.1.2): `bytes` as they are, or one byte that stands for `size` of it. */
export function zstdBlock(kind: 'raw' | 'run', bytes: Uint8Array, size = bytes.length, last = false): Uint8Array {
  const head = u32((size << 3) | (kind === 'run' ? 2 : 0) | (last ? 1 : 0), true);
  return concat(head.subarray(0, 3), bytes);
}

/** A zstd frame without a checksum; the window is 2^(10 + exponent) bytes. */
export function zstdFrame(exponent: number, blocks: readonly Uint8Array[]): Uint8Array {
  return concat([0x28, 0xb5, 0x2f, 0xfd, 0, exponent << 3], ...blocks);
}

export interface ErfOptions {
  sec?: number;
  /** Of 2³² a second. */
  fraction?: number;
  /** The port of the card, and other flags. */
  flags?: number;
  /** Packets lost in front of it, or its color. */
  lost?: number;
  /** Bytes on the wire. */
  wire?: number;
  /** Eight bytes each; their bits for more are set here. */
  extensions?: readonly (readonly number[])[];
  /** What stands behind the packet. */
  padding?: number;
}

/** A record of Endace's cards. `own` is what its type has in front of the packet. */
export function erfRecord(
  type: number,
  own: readonly number[],
  packet: Uint8Array,
  { sec = 1, fraction = 0, flags = 4, lost = 0, wire, extensions = [], padding = 0 }: ErfOptions = {},
): Uint8Array {
  const more = extensions.map(([kind, ...rest], i) => [kind | (i < extensions.length - 1 ? 0x80 : 0), ...rest]);
  const length = 16 + 8 * more.length + own.length + packet.length + padding;
  return concat(
    u32(fraction, true),
    u32(sec, true),
    [type | (more.length > 0 ? 0x80 : 0), flags],
    u16(length),
    u16(lost),
    u16(wire ?? packet.length),
    ...more,
    own,
    packet,
    new Uint8Array(padding),
  );
}

/** A frame of LZ4 with blocks of 64 KB at most: linked, each with its checksum, and one of all, unless flags say else. */
export function lz4Frame(
  blocks: readonly { packed: Uint8Array; isRaw?: boolean }[],
  content: Uint8Array,
  flags = 0x54,
): Uint8Array {
  const sum = (b: Uint8Array): number => xxh32(b, 0, b.length);
  const head = Uint8Array.of(flags, 0x40);
  return concat(
    u32(0x184d2204, true),
    head,
    [(sum(head) >>> 8) & 0xff],
    ...blocks.map(({ packed, isRaw = false }) =>
      concat(u32((packed.length | (isRaw ? 0x80000000 : 0)) >>> 0, true), packed, u32(sum(packed), true)),
    ),
    u32(0),
    u32(sum(content), true),
  );
}
