/**
 * Classic capture files, written (draft-ietf-opsawg-pcap): little endian, with times in microseconds or, where the
 * capture tells nanoseconds, in these. One link type a file, and no comments.
 */
import { UserError } from '../core/user-error.js';
import type { Packet } from './packet.js';

const MICROSECONDS = 0xa1b2c3d4;
const NANOSECONDS = 0xa1b23c4d;
/** What libpcap takes for the longest packet. */
const SNAP_LENGTH = 262144;
const ETHERNET = 1;

/** Writes packets; what it makes of each goes on at once. */
export class PcapWriter {
  private link: number | null = null;
  /** Nanoseconds of a unit of time. */
  private unit = 1000;

  /** @param write takes the next bytes of the file, which are its own */
  constructor(private readonly write: (bytes: Uint8Array) => void) {}

  /**
   * Writes a packet.
   * @throws UserError where the file has no room for its link type or its time
   */
  packet({ number, sec, nsec, link, bytes, start, end, length, units = 1e6 }: Packet): void {
    if (this.link === null) this.head(link, units > 1e6);
    if (link !== this.link)
      throw new UserError(
        `packet ${number} is of link type ${link}, others are of ${this.link}: pcap has room for one; leave out -F pcap`,
      );
    if (sec < 0 || sec > 0xffffffff)
      throw new UserError(`packet ${number} was captured at a time that pcap has no room for; leave out -F pcap`);
    const record = new Uint8Array(16 + end - start);
    const view = new DataView(record.buffer);
    view.setUint32(0, sec, true);
    view.setUint32(4, Math.floor(nsec / this.unit), true);
    view.setUint32(8, end - start, true);
    view.setUint32(12, length, true);
    record.set(bytes.subarray(start, end), 16);
    this.write(record);
  }

  /** Nothing more comes: a file without any packet has a header too. */
  end(): void {
    if (this.link === null) this.head(ETHERNET, false);
  }

  private head(link: number, isNano: boolean): void {
    this.link = link;
    this.unit = isNano ? 1 : 1000;
    const head = new Uint8Array(24);
    const view = new DataView(head.buffer);
    view.setUint32(0, isNano ? NANOSECONDS : MICROSECONDS, true);
    view.setUint16(4, 2, true);
    view.setUint16(6, 4, true);
    view.setUint32(16, SNAP_LENGTH, true);
    view.setUint32(20, link, true);
    this.write(head);
  }
}
