/**
 * pcapng, written (draft-ietf-opsawg-pcapng). Of a pcapng capture the blocks go on as they stand, section by section,
 * in the byte order of each: packets keep their options, interfaces theirs. Of other captures a section is made: an
 * interface description for each interface that a packet came from, and an enhanced packet block a packet, whose bytes
 * and lengths are those that were captured, with times in nanoseconds.
 */
import type { CaptureBlock, CaptureInterface, Packet } from '../packet.js';

const SHB = 0x0a0d0d0a;
const IDB = 1;
const SPB = 3;
const EPB = 6;
const DSB = 10;
/** A custom block that only those who know it may copy (4.8). */
const CUSTOM_NOT_COPIED = 0x40000bad;

const OPT_END = 0;
const OPT_COMMENT = 1;
const SHB_USERAPPL = 4;
const IF_NAME = 2;
const IF_DESCRIPTION = 3;
const IF_TSRESOL = 9;
const IF_TSOFFSET = 14;

/** Where the options of a packet block begin, but for the packet: of EPB and of the obsolete PB. */
const PACKET_HEAD = 28;

const LEAST_SHB = 28;

/** Nanoseconds. */
const RESOLUTION = 9;
/** Seconds of which nanoseconds fit into 64 bits; times further off have an offset. */
const SPAN = 2 ** 34;

const utf8 = new TextEncoder();

/** Writes captures, one behind the other; what it makes of each packet goes on at once. */
export class PcapngWriter {
  /** Whose section it is that packets are written to; null before the first. */
  private section: 'copied' | 'made' | null = null;
  /** Byte order of a section that is copied. */
  private littleEndian = true;
  /** What was said of interfaces, by their number in the capture, and their number here. */
  private readonly interfaces = new Map<string, number>();
  /** Blocks that hold secrets: they are left out. */
  secrets = 0;

  /** @param write takes the next bytes of the file, which are its own */
  constructor(private readonly write: (bytes: Uint8Array) => void) {}

  /** The next capture begins: its packets stand in a section of their own. */
  begin(): void {
    this.section = null;
    this.interfaces.clear();
  }

  /** Copies a block that is no packet; not one that holds secrets, nor one that says that it is not to be copied. */
  block({ kind, bytes, start, end, littleEndian }: CaptureBlock): void {
    if (kind === DSB) this.secrets++;
    if (kind === DSB || kind === CUSTOM_NOT_COPIED) return;
    // a header too short for what a header holds: a section is made for its packets
    if (kind === SHB) this.section = end - start < LEAST_SHB ? null : 'copied';
    if (kind === SHB) this.littleEndian = littleEndian;
    if (!this.isCopied(littleEndian)) return;
    const block = bytes.slice(start, end);
    const view = new DataView(block.buffer);
    // how long the section will be is not known yet
    if (kind === SHB) view.setBigInt64(16, -1n, littleEndian);
    this.finished(block, littleEndian);
  }

  /**
   * Writes a packet.
   * @param comments what is said of it beside its own comments
   */
  packet(packet: Packet, comments: readonly string[] = []): void {
    if (packet.block != null && this.isCopied(packet.block.littleEndian)) this.copied(packet.block, packet, comments);
    else this.made(packet, comments);
  }

  /** Nothing more comes: a file without any packet has a section too. */
  end(): void {
    if (this.section === null) this.newSection();
  }

  /** Whether a block of that byte order belongs to the section at hand: behind a damaged header it may not. */
  private isCopied(littleEndian: boolean): boolean {
    if (this.section === 'copied' && this.littleEndian !== littleEndian) this.section = null;
    return this.section === 'copied';
  }

  private copied(block: CaptureBlock, packet: Packet, comments: readonly string[]): void {
    const { kind, bytes, start, end, littleEndian } = block;
    if (comments.length === 0) {
      this.finished(bytes.slice(start, end), littleEndian);
      return;
    }
    const head = new Uint8Array(PACKET_HEAD);
    const view = new DataView(head.buffer);
    if (kind === SPB) {
      // it has neither interface nor time of its own: the first one, and none
      view.setUint32(20, packet.end - packet.start, littleEndian);
      view.setUint32(24, packet.length, littleEndian);
    } else head.set(bytes.subarray(start, start + PACKET_HEAD));
    const options =
      kind === SPB
        ? new Uint8Array()
        : bytes.subarray(Math.min(start + PACKET_HEAD + padded(packet.end - packet.start), end - 4), end - 4);
    const said = comments.map((text) => option(OPT_COMMENT, utf8.encode(text), littleEndian));
    const rest = options.length === 0 ? option(OPT_END) : options;
    const body = [head.subarray(8), packet.bytes.subarray(packet.start, packet.end), ...said, rest];
    this.write(blockOf(kind === SPB ? EPB : kind, body, littleEndian));
  }

  private made(packet: Packet, comments: readonly string[]): void {
    const { nsec, bytes, start, end, length } = packet;
    // no block that tells its interface can leave the time out
    const sec = packet.sec || 0;
    if (this.section !== 'made') this.newSection();
    const base = Math.floor(sec / SPAN);
    const stamp = BigInt(sec - base * SPAN) * 1_000_000_000n + BigInt(nsec);
    const head = new Uint8Array(20);
    const view = new DataView(head.buffer);
    view.setUint32(0, this.interfaceOf(packet, base * SPAN), true);
    view.setUint32(4, Number(stamp >> 32n), true);
    view.setUint32(8, Number(stamp & 0xffffffffn), true);
    view.setUint32(12, end - start, true);
    view.setUint32(16, length, true);
    const said = comments.map((text) => option(OPT_COMMENT, utf8.encode(text)));
    if (said.length > 0) said.push(option(OPT_END));
    this.write(blockOf(EPB, [head, bytes.subarray(start, end), ...said]));
  }

  private newSection(): void {
    this.section = 'made';
    this.interfaces.clear();
    const body = new Uint8Array(16);
    const view = new DataView(body.buffer);
    view.setUint32(0, 0x1a2b3c4d, true);
    view.setUint16(4, 1, true);
    // the length of the section is not known yet
    view.setBigInt64(8, -1n, true);
    this.write(blockOf(SHB, [body, option(SHB_USERAPPL, utf8.encode('clrscope')), option(OPT_END)]));
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
    this.write(blockOf(IDB, [body, ...options, option(OPT_END)]));
  }

  /** Writes a whole block; its length stands behind it as in front, whatever stood there. */
  private finished(block: Uint8Array, littleEndian: boolean): void {
    new DataView(block.buffer).setUint32(block.length - 4, block.length, littleEndian);
    this.write(block);
  }
}

/** A block: its length stands in front and behind, and is a multiple of 4. */
function blockOf(kind: number, parts: readonly Uint8Array[], littleEndian = true): Uint8Array {
  const length = 12 + parts.reduce((sum, part) => sum + padded(part.length), 0);
  const block = new Uint8Array(length);
  const view = new DataView(block.buffer);
  view.setUint32(0, kind, littleEndian);
  view.setUint32(4, length, littleEndian);
  let at = 8;
  for (const part of parts) {
    block.set(part, at);
    at += padded(part.length);
  }
  view.setUint32(at, length, littleEndian);
  return block;
}

const padded = (length: number): number => (length + 3) & ~3;

/** @param whole what does not fit is cut off: a name that was no UTF-8 takes more bytes than it had */
function option(code: number, whole = new Uint8Array(), littleEndian = true): Uint8Array {
  const value = whole.subarray(0, 0xffff);
  const bytes = new Uint8Array(4 + padded(value.length));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, code, littleEndian);
  view.setUint16(2, value.length, littleEndian);
  bytes.set(value, 4);
  return bytes;
}
