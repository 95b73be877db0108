/**
 * Formats of a header and records one behind the other, with nothing to find the way back by: Sun's snoop (RFC 1761) and
 * Microsoft's Network Monitor 1 and 2 (NetMon's `ncap.h`; its frame table is not needed where frames are read in order).
 */
import { type CaptureReader, emptyEnd, emptyPacket, type OnPacket, type Packet } from './packet.js';

/** Packets that are longer than this are damage. */
const MAX_PACKET = 1 << 24;

/** What a file's header says of its records. */
interface Records {
  readonly format: string;
  /** Link type of the file's packets, unless their records have their own. */
  readonly link: number;
  /** Offset in the file of the first record, and of what is behind the last; Infinity for the end of the file. */
  readonly first: number;
  readonly end: number;
  /** Bytes of a record in front of its packet. */
  readonly header: number;
  /** Bytes that the packet at `data` was captured in, and what stands behind them up to the next record. */
  readonly lengths: (view: DataView, at: number) => { captured: number; behind: number };
  /** Set where records tell which interface they came from. */
  readonly hasPorts?: true;
  /** Whether the record from `at` to `to` is there to be passed over. */
  readonly isPadding?: (view: DataView, at: number, to: number) => boolean;
  /**
   * Fills time and length of a packet whose record begins at `at` and ends at `to`; its link, interface and place where
   * the record tells them.
   */
  readonly fill: (p: Packet, view: DataView, at: number, to: number) => void;
}

/** A format: what the header of its file, of `length` bytes, says. */
export interface RecordFormat {
  readonly length: number;
  readonly open: (view: DataView, at: number) => Records;
}

/** Link types of snoop (RFC 1761) as numbers of tcpdump.org. */
const SNOOP_LINKS: Readonly<Record<number, number>> = { 0: 1, 1: 6, 2: 6, 4: 1, 8: 10 };

/** A format that is known by what its files begin with. */
interface MagicFormat extends RecordFormat {
  readonly magic: readonly number[];
}

const SNOOP: MagicFormat = {
  magic: [0x73, 0x6e, 0x6f, 0x6f, 0x70, 0, 0, 0],
  length: 16,
  open: (view, at) => ({
    format: 'snoop',
    link: SNOOP_LINKS[view.getUint32(at + 12)] ?? UNKNOWN,
    first: 16,
    end: Number.POSITIVE_INFINITY,
    header: 24,
    lengths: (v, record) => {
      const captured = v.getUint32(record + 4);
      return { captured, behind: v.getUint32(record + 8) - 24 - captured };
    },
    fill: (p, v, record) => {
      p.length = v.getUint32(record);
      p.sec = v.getUint32(record + 16);
      p.nsec = v.getUint32(record + 20) * 1000;
    },
  }),
};

/** Networks of NetMon as link types; from 0xe000 on they are those of tcpdump.org themselves. */
const NETMON_LINKS: Readonly<Record<number, number>> = { 0: 1, 1: 1, 2: 6, 3: 10, 6: 105, 7: 101, 8: 101, 9: 101 };
/** 802.11, behind what the receiver says of it; and records that are no frames: they have no numbers. */
const RADIO = 6;
const NO_FRAMES: ReadonlySet<number> = new Set([0xfffc, 0xfffd, 0xfffe]);
/** A link type that nobody has. */
const UNKNOWN = 0xffff;

function netmonLink(network: number): number {
  if ((network & 0xf000) === 0xe000) return network & 0xfff;
  return NETMON_LINKS[network] ?? UNKNOWN;
}

/** Passes over the header that stands in front of 802.11: a version, and its own length. */
function passRadio(p: Packet, view: DataView): void {
  const length = p.end - p.start < 3 ? 0 : Math.min(view.getUint16(p.start + 1, true), p.end - p.start);
  p.start += length;
  p.fileOffset += length;
  p.length -= length;
  p.front = length;
}

/** When the capture began, from the header's SYSTEMTIME: NetMon wrote the local time of its machine; taken for UTC. */
function startOf(view: DataView, at: number): number {
  const part = (i: number): number => view.getUint16(at + 2 * i, true);
  return Date.UTC(part(0), part(1) - 1, part(3), part(4), part(5), part(6), part(7));
}

/** Seconds from 1601 to 1970. */
const FILETIME_EPOCH = 11_644_473_600n;

const NETMON_2: MagicFormat = {
  magic: [0x47, 0x4d, 0x42, 0x55],
  length: 40,
  open: (view, at) => {
    const minor = view.getUint8(at + 4);
    const ofFile = view.getUint16(at + 6, true);
    const start = BigInt(startOf(view, at + 8)) * 1_000_000n;
    // 2.1: network; 2.2: process; 2.3: UTC and time zone
    const behind = minor === 0 ? 0 : minor === 1 ? 2 : minor === 2 ? 6 : 15;
    return {
      format: `NetMon 2.${minor}`,
      link: netmonLink(ofFile),
      first: 128,
      end: view.getUint32(at + 24, true),
      header: 16,
      lengths: (v, record) => ({ captured: v.getUint32(record + 12, true), behind }),
      isPadding: (v, _, to) => minor >= 1 && NO_FRAMES.has(v.getUint16(to - behind, true)),
      fill: (p, v, record, to) => {
        p.length = v.getUint32(record + 8, true);
        const network = minor >= 1 ? v.getUint16(to - behind, true) : ofFile;
        p.link = netmonLink(network);
        p.front = 0;
        if (network === RADIO) passRadio(p, v);
        const ns =
          minor >= 3
            ? (v.getBigUint64(to - 9, true) - FILETIME_EPOCH * 10_000_000n) * 100n
            : start + v.getBigInt64(record, true) * 1000n;
        setTime(p, ns);
      },
    };
  },
};

const NETMON_1: MagicFormat = {
  magic: [0x52, 0x54, 0x53, 0x53],
  length: 40,
  open: (view, at) => {
    const start = BigInt(startOf(view, at + 8)) * 1_000_000n;
    return {
      format: `NetMon 1.${view.getUint8(at + 4)}`,
      link: netmonLink(view.getUint16(at + 6, true)),
      first: 128,
      end: view.getUint32(at + 24, true),
      header: 8,
      lengths: (v, record) => ({ captured: v.getUint16(record + 6, true), behind: 0 }),
      fill: (p, v, record) => {
        p.length = v.getUint16(record + 4, true);
        setTime(p, start + BigInt(v.getUint32(record, true)) * 1_000_000n);
      },
    };
  },
};

function setTime(p: Packet, ns: bigint): void {
  const sec = ns / 1_000_000_000n;
  p.sec = Math.max(0, Number(sec));
  p.nsec = Math.max(0, Number(ns - sec * 1_000_000_000n));
}

const FORMATS: readonly MagicFormat[] = [SNOOP, NETMON_2, NETMON_1];

/** The format whose magic the bytes begin with. */
export function recordFormat(b: Uint8Array): RecordFormat | undefined {
  return FORMATS.find(({ magic }) => magic.every((byte, i) => b[i] === byte));
}

/** A reader of such a file, from its first byte on. */
export function recordReader(format: RecordFormat, onPacket: OnPacket): CaptureReader {
  return new RecordReader(format, onPacket);
}

class RecordReader implements CaptureReader {
  stopped = false;
  readonly end = emptyEnd('');
  private readonly packet = emptyPacket();
  private records: Records | null = null;

  constructor(
    private readonly format: RecordFormat,
    private readonly onPacket: OnPacket,
  ) {}

  read(bytes: Uint8Array, start: number, end: number, base: number, last: boolean): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const cut = (at: number, what: string): number => {
      if (last && at < end) this.damaged(base + at, `the file is cut in ${what}`);
      return at;
    };
    if (this.records === null && end - start < this.format.length) return cut(start, 'its header');
    this.records ??= this.open(view, start);
    const { records, packet } = this;
    packet.bytes = bytes;
    let at = Math.max(start, records.first - base);
    if (at > end) return end;
    while (!this.stopped && base + at < records.end) {
      const data = at + records.header;
      if (data > end) return cut(at, `the header of packet ${packet.number + 1}`);
      const { captured, behind } = records.lengths(view, at);
      if (captured < 0 || captured > MAX_PACKET || behind < 0 || behind > MAX_PACKET) {
        this.damaged(
          base + at,
          `packet ${packet.number + 1} would have ${captured} captured bytes, and ${behind} behind them`,
        );
        this.stopped = true;
        break;
      }
      const to = data + captured + behind;
      if (to > end) return cut(at, `packet ${packet.number + 1}`);
      if (records.isPadding?.(view, at, to)) {
        at = to;
        continue;
      }
      packet.number++;
      packet.link = records.link;
      packet.start = data;
      packet.end = data + captured;
      packet.fileOffset = base + data;
      records.fill(packet, view, at, to);
      const { linkTypes, interfaces } = this.end;
      if (!linkTypes.includes(packet.link)) linkTypes.push(packet.link);
      if (packet.interface !== null && packet.interfaceId === interfaces.length) interfaces.push(packet.interface);
      at = to;
      if (this.onPacket(packet) === false) this.stopped = true;
      this.end.packets = packet.number;
    }
    // tables stand behind the packets
    return this.stopped ? at : end;
  }

  private open(view: DataView, at: number): Records {
    const records = this.format.open(view, at);
    this.end.format = records.format;
    if (records.hasPorts !== true)
      this.end.interfaces.push({ id: 0, link: records.link, snapLength: 0, name: null, description: null });
    return records;
  }

  private damaged(offset: number, message: string): void {
    this.end.damage ??= { offset, message: `${message}; nothing behind it is read` };
  }
}
