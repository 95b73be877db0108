/**
 * Classic capture files (draft-ietf-opsawg-pcap): a file header of 24 bytes, then records of a 16-byte header
 * and the packet. The magic tells byte order and time unit; the "modified" format of A. Kuznetzov has 8 bytes
 * more in each record header.
 */
import { type CaptureReader, emptyEnd, emptyPacket, type OnPacket } from './packet.js';

const FILE_HEADER = 24;
/** What libpcap takes for the longest sane packet where the file's snap length does not allow more. */
const SANE_PACKET = 262144;
/** No packet is longer than this, whatever the file says. */
const MAX_PACKET = 16 << 20;
/** How far times of neighbouring packets may lie apart to find the next record after damage, in seconds. */
const NEAR = 86400;

const FORMATS: Readonly<Record<number, { format: string; nano: boolean; modified: boolean }>> = {
  2712847316: { format: 'pcap', nano: false, modified: false }, // a1b2c3d4
  2712812621: { format: 'pcap (nanoseconds)', nano: true, modified: false }, // a1b23c4d
  2712849716: { format: 'pcap (modified)', nano: false, modified: true }, // a1b2cd34
};

/** Looks the magic up in both byte orders; null where it is none of classic pcap. */
export function pcapMagic(b: Uint8Array, at: number): { littleEndian: boolean; format: string } | null {
  const big = ((b[at] << 24) | (b[at + 1] << 16) | (b[at + 2] << 8) | b[at + 3]) >>> 0;
  const little = ((b[at + 3] << 24) | (b[at + 2] << 16) | (b[at + 1] << 8) | b[at]) >>> 0;
  if (FORMATS[little] !== undefined) return { littleEndian: true, format: FORMATS[little].format };
  if (FORMATS[big] !== undefined) return { littleEndian: false, format: FORMATS[big].format };
  return null;
}

/** A reader of classic files; the first bytes it is given must hold one of the magics. */
export function pcapReader(onPacket: OnPacket): CaptureReader {
  return new PcapReader(onPacket);
}

class PcapReader implements CaptureReader {
  stopped = false;
  readonly end = emptyEnd('pcap');
  private readonly packet = emptyPacket();
  private opened = false;
  private littleEndian = true;
  private scale = 1000;
  private header = 16;
  private limit = SANE_PACKET;
  /** Whether the lengths of a packet may stand the other way round: original first. */
  private lengths: 'captured first' | 'original first' | 'either' = 'captured first';
  /** Offset in the file where a record header made no sense and the search for the next began; -1 when in step. */
  private lostAt = -1;

  constructor(private readonly onPacket: OnPacket) {}

  read(bytes: Uint8Array, start: number, end: number, base: number, last: boolean): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let at = start;
    if (!this.opened) {
      if (end - at < FILE_HEADER) {
        if (last) this.damaged(base + end, `the file header is cut: ${end - at} of its ${FILE_HEADER} bytes are here`);
        return at;
      }
      this.open(bytes, view, at);
      at += FILE_HEADER;
    }
    const { packet, onPacket, littleEndian, scale, header, limit } = this;
    packet.bytes = bytes;
    while (!this.stopped) {
      if (this.lostAt >= 0) {
        const found = this.resynchronise(view, at, end, base, last);
        if (found < 0) {
          at = ~found;
          break;
        }
        at = found;
      }
      if (end - at < header) {
        if (last && at < end) this.damaged(base + at, this.cutHeader(end - at));
        break;
      }
      let captured = view.getUint32(at + 8, littleEndian);
      let length = view.getUint32(at + 12, littleEndian);
      if (this.isSwapped(captured, length)) [captured, length] = [length, captured];
      if (captured > limit) {
        this.damaged(
          base + at,
          `packet ${packet.number + 1} would have ${captured} captured bytes, more than the ${limit} that this file allows`,
        );
        this.lostAt = base + at;
        at++;
        continue;
      }
      const data = at + header;
      if (data + captured > end) {
        if (!last) break;
        // Cut here; or the length is damaged, and records stand in what it swallows.
        this.damaged(base + at, this.cutPacket(end - data, captured));
        this.lostAt = base + at;
        at++;
        continue;
      }
      packet.number++;
      packet.sec = view.getUint32(at, littleEndian);
      packet.nsec = view.getUint32(at + 4, littleEndian) * scale;
      packet.length = length;
      packet.start = data;
      packet.end = data + captured;
      packet.fileOffset = base + data;
      if (packet.nsec >= 1e9) this.carrySeconds();
      at = data + captured;
      if (onPacket(packet) === false) this.stopped = true;
    }
    this.end.packets = packet.number;
    return at;
  }

  private open(bytes: Uint8Array, view: DataView, at: number): void {
    const magic = pcapMagic(bytes, at);
    this.littleEndian = magic?.littleEndian ?? true;
    const kind = FORMATS[view.getUint32(at, this.littleEndian)];
    this.end.format = kind.format;
    this.scale = kind.nano ? 1 : 1000;
    this.packet.units = kind.nano ? 1e9 : 1e6;
    this.header = kind.modified ? 24 : 16;
    const major = view.getUint16(at + 4, this.littleEndian);
    const minor = view.getUint16(at + 6, this.littleEndian);
    if (major === 543 || (major === 2 && minor < 3)) this.lengths = 'original first';
    else if (major === 2 && minor === 3) this.lengths = 'either';
    const snapLength = view.getUint32(at + 16, this.littleEndian);
    // The upper bits say whether frame check sequences are there (pcap draft, section 4).
    const link = view.getUint32(at + 20, this.littleEndian) & 0x03ffffff;
    this.limit = Math.min(MAX_PACKET, Math.max(SANE_PACKET, snapLength));
    this.packet.link = link;
    this.end.linkTypes.push(link);
    this.end.interfaces.push({ id: 0, link, snapLength, name: null, description: null });
    this.opened = true;
  }

  /**
   * Files before version 2.3, and those of DG/UX (543.0), have the original length in front; those of 2.3 are written either way, and more is never
   * captured than there was (libpcap's sf-pcap.c).
   */
  private isSwapped(first: number, second: number): boolean {
    return this.lengths !== 'captured first' && (this.lengths === 'original first' || first > second);
  }

  /** Some writers put nanoseconds under a microsecond magic, or let the fraction run over. */
  private carrySeconds(): void {
    const { packet } = this;
    packet.sec += Math.floor(packet.nsec / 1e9);
    packet.nsec %= 1e9;
  }

  private cutHeader(left: number): string {
    return `the file is cut in the header of packet ${this.packet.number + 1}: ${left} of ${this.header} bytes are here`;
  }

  private cutPacket(left: number, captured: number): string {
    return `the file is cut in packet ${this.packet.number + 1}: ${left} of ${captured} bytes are here`;
  }

  private damaged(offset: number, message: string): void {
    this.end.damage ??= { offset, message };
  }

  /**
   * Looks for two records in a row that make sense (or one that ends with the file).
   * @returns index of the first; or the complement of the index from which to search on with more bytes
   */
  private resynchronise(view: DataView, from: number, end: number, base: number, last: boolean): number {
    const { header } = this;
    let at = from;
    for (; end - at >= header; at++) {
      const captured = this.plausible(view, at);
      if (captured < 0) continue;
      const next = at + header + captured;
      if (next + header > end && !last) return ~at;
      if (next === end || (next + header <= end && this.plausible(view, next) >= 0)) {
        this.lostAt = this.told(base + at, `reading goes on at byte ${base + at}`);
        return at;
      }
    }
    if (last) {
      this.told(base + end, 'no further packet was found');
    }
    return ~at;
  }

  /** Adds to the damage's message what became of the rest. Returns -1, the mark of being in step. */
  private told(offset: number, text: string): number {
    const { damage } = this.end;
    if (damage !== null && damage.offset === this.lostAt)
      this.end.damage = {
        offset: damage.offset,
        message: `${damage.message}; ${text} (${offset - this.lostAt} bytes skipped)`,
      };
    return -1;
  }

  /** Captured length of the record header at `at` where it makes sense, -1 where not. */
  private plausible(view: DataView, at: number): number {
    const { littleEndian, packet } = this;
    let captured = view.getUint32(at + 8, littleEndian);
    let length = view.getUint32(at + 12, littleEndian);
    if (this.isSwapped(captured, length)) [captured, length] = [length, captured];
    if (captured === 0 || captured > SANE_PACKET || length < captured || length > MAX_PACKET) return -1;
    if (view.getUint32(at + 4, littleEndian) * this.scale >= 1e9) return -1;
    const sec = view.getUint32(at, littleEndian);
    return packet.number === 0 || Math.abs(sec - packet.sec) <= NEAR ? captured : -1;
  }
}
