/**
 * What a capture reader is asked, what it hands out, and what it says at the end.
 */
import type { Limits } from '../core/limits.js';
import type { Note } from '../core/node.js';
import { safe } from '../core/safe-text.js';
import { UserError } from '../core/user-error.js';

/**
 * One captured packet. There is one such object for a whole capture, filled anew for every packet: it and the
 * bytes it points to are valid only until the callback returns.
 */
export interface Packet {
  /** 1-based, as Wireshark counts. */
  number: number;
  /** Whole seconds since 1970 (UTC); NaN where the file tells no time of it. */
  sec: number;
  /** Nanoseconds, 0 to 999999999. */
  nsec: number;
  /** Link type (LINKTYPE_ number of tcpdump.org). */
  link: number;
  /** Holds the packet from `start` to `end`; other bytes around it belong to nobody. */
  bytes: Uint8Array;
  start: number;
  end: number;
  /** Bytes the packet had on the wire; more than were captured where the snap length cut it. */
  length: number;
  /** Bytes in front of the packet that its record counts with it, and that no link type has: NetMon's of the radio. */
  front?: number | undefined;
  /** Offset of the packet's first byte in the (decompressed) capture file; of several, as if they stood one behind the other. */
  fileOffset: number;
  /** pcapng: index of the interface within the capture (counted over all sections, and files); 0 in classic files. */
  interfaceId: number;
  /** pcapng: what the file says of that interface; null in classic files. */
  interface: CaptureInterface | null;
  /** pcapng: the block that the packet stands in; null, or left out, in other files. */
  block?: CaptureBlock | null;
  /** Units a second in which the file tells times; left out where these are microseconds. */
  units?: number;
  /** pcapng: set where it is no packet, but a custom block, which is numbered as if it were one. Its bytes are the custom data. */
  custom?: CustomBlock | undefined;
}

/** A custom block of a pcapng file (draft-ietf-opsawg-pcapng 4.7). */
export interface CustomBlock {
  /** Private Enterprise Number (IANA) of who says what is in it. */
  readonly enterprise: number;
  /** Whether programs that do not know it should copy it. */
  readonly isCopied: boolean;
}

/** A block of a pcapng file as it stands there, valid until the callback returns (draft-ietf-opsawg-pcapng 3.1). */
export interface CaptureBlock {
  kind: number;
  /** Holds the block from `start` to `end`; other bytes around it belong to nobody. */
  bytes: Uint8Array;
  start: number;
  end: number;
  littleEndian: boolean;
}

/** Called for every packet; returning `false` stops the reading. */
export type OnPacket = (packet: Packet) => unknown;

/** Called for every block of a pcapng file that is no packet's, in its place between the packets. */
export type OnBlock = (block: CaptureBlock) => void;

/** Called for every address that the capture names, in its place between the packets. */
export type OnName = (name: ResolvedName) => void;

/** Who hears what stands between the packets of a pcapng file. */
export interface BetweenPackets {
  readonly onBlock?: OnBlock | undefined;
  /** Called for every custom block, in its place between the packets; returning `false` stops the reading. */
  readonly onCustom?: OnPacket | undefined;
  readonly onName?: OnName | undefined;
}

/** Milliseconds without a byte after which an input that is no file is said to be quiet. */
export const QUIET = 80;

/** What may be set about reading a capture. */
export interface ReadOptions extends BetweenPackets {
  /** Called at most once a chunk. Both in bytes of the input as stored; `total` is 0 where it is not known. */
  onProgress?: ((read: number, total: number) => void) | undefined;
  limits?: Partial<Limits> | undefined;
  /** Nothing is read from then on, and who writes into a pipe is not waited for. */
  signal?: AbortSignal | undefined;
  /** Asked every 64 KiB, for those who take packets slower than they are read: waited for, and false ends the reading. */
  ready?: (() => boolean | Promise<boolean>) | undefined;
  /** Called where an input that is no file, all packets of which were taken, gave nothing more for `QUIET` milliseconds. */
  onQuiet?: (() => void) | undefined;
  /** Called in front of the first packet of each file, with its number, where several are read as one. */
  onFile?: ((name: string, first: number) => void) | undefined;
}

/** Where a capture is cut short or makes no sense. */
export interface Damage {
  /** Which file that is, where several are read as one. */
  readonly file?: string | undefined;
  /** Offset in the (decompressed) capture file. */
  readonly offset: number;
  /** What was expected there, what was found, and what became of the rest. */
  readonly message: string;
  /** Set where the rest could not be read at all: a disk or a network failed. */
  readonly isUnread?: true | undefined;
}

/** An interface that packets were captured on (pcapng IDB, or the one of a classic file). */
export interface CaptureInterface {
  /** Its number in its section, as packets there name it; of files read as one, in the whole. 0 in classic files. */
  readonly id: number;
  readonly link: number;
  readonly snapLength: number;
  readonly name: string | null;
  readonly description: string | null;
}

/** Capture statistics of an interface (pcapng ISB); counters are bigint because they are 64 bits wide. */
export interface InterfaceStatistics {
  readonly interfaceId: number;
  readonly received: bigint | null;
  readonly dropped: bigint | null;
}

/** An address and its names (pcapng NRB). */
export interface ResolvedName {
  readonly address: string;
  readonly names: readonly string[];
}

/** Decryption secrets (pcapng DSB): the type number and the bytes as they stand. */
export interface CaptureSecrets {
  readonly type: number;
  readonly bytes: Uint8Array;
}

/** What is known of a capture once it was read. */
export interface CaptureEnd {
  packets: number;
  /** Bytes that were read of it, decompressed. */
  bytes: number;
  /** Packets of link types that are not understood. */
  notLookedInto: number;
  /** Messages of SMB about files: they were passed over. */
  passedOver: number;
  /** `pcap`, `pcap (nanoseconds)`, `pcapng`, …; compression in front: `gzip, pcap`. */
  format: string;
  /** Link types of the interfaces, in order of first sight. */
  linkTypes: number[];
  /** The first damage met, null where the capture is whole; of other files of the same capture, notes tell. */
  damage: Damage | null;
  comments: string[];
  names: ResolvedName[];
  interfaces: CaptureInterface[];
  statistics: InterfaceStatistics[];
  secrets: CaptureSecrets[];
  /** Limits that were met. */
  notes: Note[];
}

/** An input that cannot be read at all: no such file, empty, not a capture. The command line exits with 2. */
export class UnreadableInput extends UserError {
  /**
   * @param input name of the file, `-` for standard input
   * @param reason what was found, and what to do
   * @param offset byte offset of what was found; null where there is nothing to find it in
   */
  constructor(
    readonly input: string,
    readonly reason: string,
    readonly offset: number | null = 0,
  ) {
    super(
      `${input === '-' ? 'standard input' : safe(input)}: ${reason}${offset === null ? '' : ` (at byte ${offset})`}`,
    );
    this.name = 'UnreadableInput';
  }
}

/** What a reader of one file format does; `open.ts` brings it the bytes. */
export interface CaptureReader {
  /** True once `onPacket` asked to stop, or nothing more can be read. */
  stopped: boolean;
  readonly end: CaptureEnd;
  /**
   * Takes what it can of `bytes` from `start` to `end`.
   * @param base offset in the file of `bytes[0]` (negative where the window has head room)
   * @param last no more bytes come
   * @returns index of the first byte not taken; it comes again with more behind it
   */
  read(bytes: Uint8Array, start: number, end: number, base: number, last: boolean): number;
}

/** A packet whose fields are to be filled. */
export function emptyPacket(): Packet {
  return {
    number: 0,
    sec: 0,
    nsec: 0,
    link: 0,
    bytes: new Uint8Array(0),
    start: 0,
    end: 0,
    length: 0,
    fileOffset: 0,
    interfaceId: 0,
    interface: null,
    block: null,
    units: 1e6,
  };
}

/** A `CaptureEnd` of which nothing is known yet. */
export function emptyEnd(format: string): CaptureEnd {
  return {
    packets: 0,
    bytes: 0,
    notLookedInto: 0,
    passedOver: 0,
    format,
    linkTypes: [],
    damage: null,
    comments: [],
    names: [],
    interfaces: [],
    statistics: [],
    secrets: [],
    notes: [],
  };
}
