/**
 * pcapng (draft-ietf-opsawg-pcapng): blocks of a type, a length, a body and the length again, in sections that
 * each have their byte order. Packets come from EPB, SPB and the obsolete PB; the rest is kept, bounded, for
 * the end. What else Wireshark numbers among the packets is counted with them.
 */
import type { Limits } from '../../core/limits.js';
import {
  type BetweenPackets,
  type CaptureBlock,
  type CaptureReader,
  emptyEnd,
  emptyPacket,
  type OnPacket,
} from '../packet.js';
import { Metadata } from './metadata.js';
import { type Clock, fillTime, makeClock } from './time.js';

const SHB = 0x0a0d0d0a;
const IDB = 1;
const PB = 2;
const SPB = 3;
const NRB = 4;
const ISB = 5;
const EPB = 6;
const DSB = 10;
const CUSTOM = 0xbad;
const CUSTOM_NOT_COPIED = 0x40000bad;
/** Journal entries, custom blocks (those that may be copied, and others) and system calls of Sysdig. */
const NUMBERED: ReadonlySet<number> = new Set([9, CUSTOM, CUSTOM_NOT_COPIED, 0x204, 0x216, 0x221]);

const MAX_PACKET = 16 << 20;
/** Blocks of a kind that must be held as a whole are not longer than this: a packet with its options. */
const MAX_BLOCK = MAX_PACKET + (1 << 20);
/** Interfaces of one section; more are damage, as their descriptions would fill the memory. */
const MAX_INTERFACES = 65536;

interface Interface {
  readonly id: number;
  readonly link: number;
  readonly snapLength: number;
  readonly clock: Clock;
}

/** Whether a section header block begins at `at` (12 bytes are needed). */
export function pcapngMagic(b: Uint8Array, at: number): boolean {
  return b[at] === 0x0a && b[at + 1] === 0x0d && b[at + 2] === 0x0d && b[at + 3] === 0x0a;
}

/** A reader of pcapng files; the first bytes it is given must hold a section header block. */
export function pcapngReader(onPacket: OnPacket, limits: Limits, between: BetweenPackets = {}): CaptureReader {
  return new PcapngReader(onPacket, limits, between);
}

class PcapngReader implements CaptureReader {
  stopped = false;
  readonly end = emptyEnd('pcapng');
  private readonly packet = emptyPacket();
  private readonly oneBlock: CaptureBlock = { kind: 0, bytes: new Uint8Array(0), start: 0, end: 0, littleEndian: true };
  private readonly metadata: Metadata;
  private littleEndian = true;
  private inSection = false;
  private interfaces: Interface[] = [];
  /** Bytes of a long block of no interest that are still to be passed over. */
  private skip = 0;
  /** Offset in the file where a block made no sense and the search for the next began; -1 when in step. */
  private lostAt = -1;

  constructor(
    private readonly onPacket: OnPacket,
    limits: Limits,
    private readonly between: BetweenPackets,
  ) {
    this.metadata = new Metadata(this.end, limits, between.onName);
    this.packet.block = this.oneBlock;
  }

  read(bytes: Uint8Array, start: number, end: number, base: number, last: boolean): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.packet.bytes = bytes;
    this.oneBlock.bytes = bytes;
    let at = start;
    while (!this.stopped) {
      if (this.skip > 0) {
        const passed = Math.min(this.skip, end - at);
        at += passed;
        this.skip -= passed;
        if (this.skip > 0) {
          if (last) this.damaged(base + end, `the file is cut in a block: ${this.skip} of its bytes are missing`);
          break;
        }
      }
      if (this.lostAt >= 0) {
        at = this.resynchronise(view, at, end, base, last);
        if (this.lostAt >= 0) break;
      }
      if (end - at < 12) break;
      const next = this.block(view, at, end, base);
      if (next < 0) {
        if (!last) break;
        // Cut here; or the length is damaged, and blocks stand in what it swallows.
        const length = view.getUint32(at + 4, this.littleEndian);
        at = this.lost(base, at, `the file is cut in a block: ${end - at} of ${length} bytes are here`);
        continue;
      }
      at = next;
    }
    this.end.packets = this.packet.number;
    if (last && !this.stopped && at < end && this.lostAt < 0 && this.skip === 0)
      this.damaged(base + at, `the file is cut in the header of a block: ${end - at} bytes of it are here`);
    return at;
  }

  /** Takes the block at `at`; returns where the next begins, or -1 where more bytes are needed. */
  private block(view: DataView, at: number, end: number, base: number): number {
    const type = view.getUint32(at, true);
    if (type === SHB) {
      const order = view.getUint32(at + 8, true);
      if (order === 0x1a2b3c4d) this.littleEndian = true;
      else if (order === 0x4d3c2b1a) this.littleEndian = false;
      else
        return this.lost(base, at, `a section header's byte-order magic is 0x${order.toString(16).padStart(8, '0')}`);
    } else if (!this.inSection) return this.lost(base, at, 'a block stands before any section header');
    const le = this.littleEndian;
    const kind = le ? type : view.getUint32(at, le);
    const length = view.getUint32(at + 4, le);
    if (length < 12 || (length & 3) !== 0)
      return this.lost(base, at, `a block's length is ${length}, expected a multiple of 4 of at least 12`);
    if (length > MAX_BLOCK && isKnown(kind)) {
      if (end - at < 24 && at + length > end) return -1;
      if (this.isLongPacket(view, kind, at, length)) {
        this.packet.number++;
        this.bad(
          base + at,
          `packet ${this.packet.number} is longer than the ${MAX_PACKET} bytes that a packet can have`,
        );
        this.skip = length;
        return at;
      }
      return this.lost(base, at, `a block's length is ${length}, more than the ${MAX_BLOCK} that are sane`);
    }
    const next = at + length;
    if (next > end) {
      // who hears of blocks hears of those that are of no interest here too
      if (this.isHeard(kind) && length <= MAX_BLOCK) return -1;
      if (NUMBERED.has(kind)) this.packet.number++;
      this.skip = length;
      return at;
    }
    const trailer = view.getUint32(next - 4, le);
    if (trailer !== length) {
      // The first length may still be right: then the next block begins where it says.
      const text = `a block's length is ${length} in front and ${trailer} behind it`;
      const goesOn = next === end || (next + 12 <= end && this.plausible(view, next, end));
      if (!goesOn) return this.lost(base, at, text);
      this.damaged(base + at, `${text}; reading goes on behind it`);
    }
    const {
      oneBlock,
      between: { onBlock },
    } = this;
    oneBlock.kind = kind;
    oneBlock.start = at;
    oneBlock.end = next;
    oneBlock.littleEndian = this.littleEndian;
    const makesSense = this.body(view, kind, at, next - 4, base);
    if (isPacket(kind)) return next;
    if (NUMBERED.has(kind)) this.packet.number++;
    if (onBlock !== undefined && makesSense) onBlock(oneBlock);
    if (isCustom(kind) && length >= 16) this.custom(view, kind, at, next - 4, base);
    return next;
  }

  /** Whether somebody wants a block as a whole. */
  private isHeard(kind: number): boolean {
    const { onBlock, onCustom } = this.between;
    return isKnown(kind) || onBlock !== undefined || (onCustom !== undefined && isCustom(kind));
  }

  /** Hands out a custom block from `at` to `end` as what is numbered. */
  private custom(view: DataView, kind: number, at: number, end: number, base: number): void {
    const { onCustom } = this.between;
    if (onCustom === undefined) return;
    const custom = { enterprise: view.getUint32(at + 8, this.littleEndian), isCopied: kind === CUSTOM };
    const [start, length] = [at + 12, end - at - 12];
    const { number, bytes } = this.packet;
    const own = {
      ...emptyPacket(),
      number,
      sec: Number.NaN,
      bytes,
      start,
      end,
      length,
      fileOffset: base + start,
      custom,
    };
    if (onCustom(own) === false) this.stopped = true;
  }

  /** Whether a packet block's own length agrees with its packet's: then it is no damage that makes it too long. */
  private isLongPacket(view: DataView, kind: number, at: number, length: number): boolean {
    if (kind === SPB) return Math.abs(length - 16 - view.getUint32(at + 8, this.littleEndian)) < 4;
    if (kind !== EPB && kind !== PB) return false;
    const rest = length - 32 - view.getUint32(at + 20, this.littleEndian);
    return rest >= 0 && rest <= MAX_BLOCK - MAX_PACKET;
  }

  /** Reads the block `at` to `end` (its trailing length left off); false where its content makes no sense. */
  private body(view: DataView, kind: number, at: number, end: number, base: number): boolean {
    const le = this.littleEndian;
    const { metadata } = this;
    switch (kind) {
      case EPB:
      case PB: {
        if (end - at < 28) return this.bad(base + at, `a packet block of ${end + 4 - at} bytes is too short`);
        const id = kind === EPB ? view.getUint32(at + 8, le) : view.getUint16(at + 8, le);
        const from = this.interfaces[id];
        this.packet.number++;
        if (from === undefined)
          return this.bad(
            base + at,
            `packet ${this.packet.number} is of interface ${id}, of ${this.interfaces.length} described`,
          );
        const captured = view.getUint32(at + 20, le);
        if (captured > end - at - 28 || captured > MAX_PACKET)
          return this.bad(
            base + at,
            `packet ${this.packet.number} has ${captured} captured bytes in a block of ${end + 4 - at}`,
          );
        fillTime(this.packet, from.clock, view.getUint32(at + 12, le), view.getUint32(at + 16, le));
        const options = at + 28 + ((captured + 3) & ~3);
        if (options + 4 <= end) metadata.comment(view, options, end, le);
        this.give(from, at + 28, captured, view.getUint32(at + 24, le), base);
        return true;
      }
      case SPB: {
        const from = this.interfaces[0];
        this.packet.number++;
        if (end - at < 12 || from === undefined)
          return this.bad(base + at, `packet ${this.packet.number}, a simple packet block, has no interface`);
        const length = view.getUint32(at + 8, le);
        const room = end - at - 12;
        // 4.4: no captured length; the snap length and the block's own length tell it.
        const captured = Math.min(length, room, from.snapLength === 0 ? room : from.snapLength, MAX_PACKET);
        this.packet.sec = Number.NaN;
        this.packet.nsec = 0;
        this.give(from, at + 12, captured, length, base);
        return true;
      }
      case SHB:
        this.inSection = true;
        this.interfaces = [];
        if (end - at >= 24) metadata.comment(view, at + 24, end, le);
        return true;
      case IDB:
        return this.describe(view, at, end, base);
      case NRB:
        metadata.names(view, at + 8, end, le);
        return true;
      case ISB: {
        const id = end - at >= 20 ? this.interfaces[view.getUint32(at + 8, le)]?.id : undefined;
        if (id === undefined) return this.bad(base + at, 'statistics of an interface that was not described');
        metadata.statistics(view, at + 20, end, le, id);
        return true;
      }
      case DSB:
        if (end - at < 16) return this.bad(base + at, 'a decryption secrets block is too short');
        metadata.secrets(view, at + 8, end, le);
        return true;
      default:
        return true;
    }
  }

  private give(from: Interface, start: number, captured: number, length: number, base: number): void {
    const { packet } = this;
    packet.link = from.link;
    packet.interfaceId = from.id;
    packet.interface = this.end.interfaces[from.id];
    packet.start = start;
    packet.end = start + captured;
    packet.length = length;
    packet.fileOffset = base + start;
    packet.units = from.clock.units;
    if (this.onPacket(packet) === false) this.stopped = true;
  }

  private describe(view: DataView, at: number, end: number, base: number): boolean {
    if (end - at < 16) return this.bad(base + at, 'an interface description block is too short');
    const all = this.end.interfaces;
    if (all.length >= MAX_INTERFACES) return this.bad(base + at, `more than ${MAX_INTERFACES} interfaces`);
    const le = this.littleEndian;
    const link = view.getUint16(at + 8, le);
    const snapLength = view.getUint32(at + 12, le);
    const found = this.metadata.interfaceOptions(view, at + 16, end, le);
    all.push({ id: this.interfaces.length, link, snapLength, name: found.name, description: found.description });
    this.interfaces.push({ id: all.length - 1, link, snapLength, clock: makeClock(found.resolution, found.offset) });
    if (!this.end.linkTypes.includes(link)) this.end.linkTypes.push(link);
    return true;
  }

  private damaged(offset: number, message: string): void {
    this.end.damage ??= { offset, message };
  }

  /** Content that makes no sense in a block that is whole: said, and passed over. */
  private bad(offset: number, message: string): boolean {
    this.damaged(offset, `${message}; the block was passed over`);
    return false;
  }

  /** Out of step: the search for the next block begins behind the type of this one. */
  private lost(base: number, at: number, message: string): number {
    this.damaged(base + at, message);
    this.lostAt = base + at;
    return at + 4;
  }

  /** Looks for a known block with both its lengths; returns where, or from where to search on with more bytes. */
  private resynchronise(view: DataView, from: number, end: number, base: number, last: boolean): number {
    let at = from;
    for (; at + 12 <= end; at += 4) {
      const fits = this.plausible(view, at, end);
      if (!fits) continue;
      const length = view.getUint32(at + 4, this.orderAt(view, at));
      // A long length found by chance must not hold up the search: it has to prove itself within a sane packet.
      if (at + length > end && !last && length <= MAX_PACKET) return at;
      if (at + length > end || view.getUint32(at + length - 4, this.orderAt(view, at)) !== length) continue;
      this.told(base + at, `reading goes on at byte ${base + at}`);
      this.lostAt = -1;
      return at;
    }
    if (last) {
      this.told(base + end, 'no further block was found');
    }
    return at;
  }

  private told(offset: number, text: string): void {
    const { damage } = this.end;
    if (damage !== null && damage.offset === this.lostAt)
      this.end.damage = {
        offset: damage.offset,
        message: `${damage.message}; ${text} (${offset - this.lostAt} bytes skipped)`,
      };
  }

  private orderAt(view: DataView, at: number): boolean {
    if (view.getUint32(at, true) !== SHB) return this.littleEndian;
    return view.getUint32(at + 8, true) === 0x1a2b3c4d;
  }

  /** Whether type and first length at `at` are those of a known block. */
  private plausible(view: DataView, at: number, end: number): boolean {
    const type = view.getUint32(at, true);
    const le = this.orderAt(view, at);
    if (type === SHB) {
      const order = view.getUint32(at + 8, le);
      if (at + 12 > end || order !== 0x1a2b3c4d) return false;
    } else if (!this.inSection || !isKnown(view.getUint32(at, le))) return false;
    const length = view.getUint32(at + 4, le);
    return length >= 12 && (length & 3) === 0 && length <= MAX_BLOCK;
  }
}

function isPacket(kind: number): boolean {
  return kind === EPB || kind === SPB || kind === PB;
}

function isCustom(kind: number): boolean {
  return kind === CUSTOM || kind === CUSTOM_NOT_COPIED;
}

function isKnown(kind: number): boolean {
  return kind === SHB || (kind >= IDB && kind <= EPB) || kind === DSB;
}
