/**
 * pcapng, written (draft-ietf-opsawg-pcapng): one section, an interface description for each interface that a packet
 * came from, and an enhanced packet block a packet, whose bytes and lengths are those that were captured. Times have
 * nanoseconds.
 */
import type { CaptureInterface, Packet } from '../packet.js';

const OPT_END = 0;
const SHB_USERAPPL = 4;
const IF_NAME = 2;
const IF_DESCRIPTION = 3;
const IF_TSRESOL = 9;
const IF_TSOFFSET = 14;

/** Nanoseconds. */
const RESOLUTION = 9;
/** Seconds of which nanoseconds fit into 64 bits; times further off have an offset. */
const SPAN = 2 ** 34;

const utf8 = new TextEncoder();

/** Writes a capture; what it makes of each packet goes on at once. */
export class PcapngWriter {
  /** What was said of interfaces, by their number in the capture, and their number here. */
  private readonly interfaces = new Map<string, number>();

  /** @param write takes the next bytes of the file, which are its own */
  constructor(private readonly write: (bytes: Uint8Array) => void) {
    const body = new Uint8Array(16);
    const view = new DataView(body.buffer);
    view.setUint32(0, 0x1a2b3c4d, true);
    view.setUint16(4, 1, true);
    // the length of the section is not known yet
    view.setBigInt64(8, -1n, true);
    this.block(0x0a0d0d0a, [body, option(SHB_USERAPPL, utf8.encode('clrscope')), option(OPT_END)]);
  }

  /** Writes a packet. */
  packet(packet: Packet): void {
    const { sec, nsec, bytes, start, end, length } = packet;
    const base = Math.floor(sec / SPAN);
    const stamp = BigInt(sec - base * SPAN) * 1_000_000_000n + BigInt(nsec);
    const head = new Uint8Array(20);
    const view = new DataView(head.buffer);
    view.setUint32(0, this.interfaceOf(packet, base * SPAN), true);
    view.setUint32(4, Number(stamp >> 32n), true);
    view.setUint32(8, Number(stamp & 0xffffffffn), true);
    view.setUint32(12, end - start, true);
    view.setUint32(16, length, true);
    this.block(6, [head, bytes.subarray(start, end)]);
  }

  /** The number of a packet's interface, which is described before its first packet. */
  private interfaceOf({ link, interfaceId, interface: told }: Packet, offset: number): number {
    const key = `${interfaceId} ${link} ${offset}`;
    let id = this.interfaces.get(key);
    if (id === undefined) {
      id = this.interfaces.size;
      this.interfaces.set(key, id);
      this.describe(link, told, offset);
    }
    return id;
  }

  private describe(link: number, told: CaptureInterface | null, offset: number): void {
    const body = new Uint8Array(8);
    const view = new DataView(body.buffer);
    view.setUint16(0, link, true);
    // 0: no limit, where nobody says it
    view.setUint32(4, told?.snapLength ?? 0, true);
    const options = [option(IF_TSRESOL, Uint8Array.of(RESOLUTION))];
    if (told?.name != null) options.push(option(IF_NAME, utf8.encode(told.name)));
    if (told?.description != null) options.push(option(IF_DESCRIPTION, utf8.encode(told.description)));
    if (offset !== 0) options.push(option(IF_TSOFFSET, new Uint8Array(BigInt64Array.of(BigInt(offset)).buffer)));
    this.block(1, [body, ...options, option(OPT_END)]);
  }

  /** A block: its length stands in front and behind, and is a multiple of 4. */
  private block(type: number, parts: readonly Uint8Array[]): void {
    const length = 12 + parts.reduce((sum, part) => sum + padded(part.length), 0);
    const block = new Uint8Array(length);
    const view = new DataView(block.buffer);
    view.setUint32(0, type, true);
    view.setUint32(4, length, true);
    let at = 8;
    for (const part of parts) {
      block.set(part, at);
      at += padded(part.length);
    }
    view.setUint32(at, length, true);
    this.write(block);
  }
}

const padded = (length: number): number => (length + 3) & ~3;

/** @param whole what does not fit is cut off: a name that was no UTF-8 takes more bytes than it had */
function option(code: number, whole = new Uint8Array()): Uint8Array {
  const value = whole.subarray(0, 0xffff);
  const bytes = new Uint8Array(4 + padded(value.length));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, code, true);
  view.setUint16(2, value.length, true);
  bytes.set(value, 4);
  return bytes;
}
