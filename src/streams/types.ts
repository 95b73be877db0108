/**
 * What the rooms of `streams` share: events, bounds, and a transport segment on its way to a PDU.
 */
import type { Packet } from '../capture/packet.js';
import type { Attempt, Connection, Time, TransportPdu } from '../core/context.js';
import type { DatagramProtocol, StreamProtocol, ToldEndpoints } from '../core/dissector.js';
import type { HeaderKind } from '../core/headers/layer.js';
import { type LimitName, type Limits, limitMessage } from '../core/limits.js';
import type { Note } from '../core/node.js';
import type { Piece } from '../core/source.js';

/** The protocols that PDUs are cut for. */
export interface StreamProtocols {
  /** In the order in which they are asked whose a stream is. */
  readonly streams: readonly StreamProtocol[];
  readonly datagram: DatagramProtocol;
  /** Ports taken for a protocol (by its name) even where the first bytes do not look like it. */
  readonly ports?: ReadonlyMap<number, 'dcerpc'> | undefined;
  /** Endpoints that the protocol's PDUs told of so far, addresses by port: connections to them are watched. */
  readonly told?: ToldEndpoints | undefined;
}

/** An IP packet, as far as it was looked at. One object, filled anew for every packet. */
export interface IpPacket {
  bytes: Uint8Array;
  /** Where the IP header begins; the addresses are read from it. */
  header: number;
  version: 4 | 6;
  /** Where the transport header begins, where the captured bytes end, and where those on the wire do. */
  start: number;
  captured: number;
  end: number;
  /** Set when it was put together from fragments: where its bytes lie in the capture. */
  pieces: readonly Piece[] | null;
}

/** What comes out. Events are called synchronously from `packet` and `end`. */
export interface StreamEvents {
  pdu(pdu: TransportPdu): void;
  note(note: Note): void;
  /** TCP (6) or UDP (17) in a packet, or in the datagram that the packet completed; valid during the call only. */
  transport?: ((packet: Packet, ip: IpPacket, protocol: number) => void) | undefined;
  /** The datagram or frame that the packet completed, from behind its headers on; valid during the call only. */
  whole?: ((packet: Packet, ip: IpPacket, layer: HeaderKind | null) => void) | undefined;
  /** Nothing more comes of this connection: it ended, was evicted, or the capture is over. */
  closed?(connection: Connection): void;
  /** At the end: connections to an endpoint that was told of, which never came about. */
  attempt?(attempt: Attempt): void;
}

/** Tells limits that a capture meets, each once. */
export class LimitTeller {
  private readonly told = new Set<LimitName>();

  constructor(
    readonly limits: Limits,
    private readonly note: StreamEvents['note'],
  ) {}

  met(name: LimitName): void {
    if (this.told.has(name)) return;
    this.told.add(name);
    this.note({ code: 'limit', message: limitMessage(name, this.limits), offset: null, source: null });
  }
}

/** Bytes held by all connections together. */
export interface Budget {
  used: number;
}

/**
 * Payload of one packet (or of one reassembled IP datagram). Its bytes are those of the packet and end with it: who keeps
 * some copies them.
 */
export interface Segment {
  readonly bytes: Uint8Array;
  /** Where the payload begins and how much of it was captured. */
  readonly start: number;
  readonly captured: number;
  /** Length on the wire; what is not captured of it is a hole behind the captured part. */
  readonly length: number;
  readonly frame: number;
  /** Offset in the capture file of `bytes[0]`; means nothing where there are `pieces`. */
  readonly fileDelta: number;
  /** Where runs of `bytes` come from, when it was put together from several packets. */
  readonly pieces: readonly Piece[] | null;
  readonly time: Time;
  /** The acknowledgement number that it carried: its sender had all bytes of the other end before this; -1 without. */
  readonly acknowledges: number;
}

/** Pieces of `n` bytes of a segment from index `from` on, which stand at `at` in what they become part of. */
export function addPieces(to: Piece[], at: number, segment: Segment, from: number, n: number): void {
  if (segment.pieces === null) {
    to.push({ at, length: n, frame: segment.frame, fileOffset: segment.fileDelta + from });
    return;
  }
  for (const piece of segment.pieces) {
    const start = Math.max(piece.at, from);
    const end = Math.min(piece.at + piece.length, from + n);
    if (start < end)
      to.push({
        at: at + start - from,
        length: end - start,
        frame: piece.frame,
        fileOffset: piece.fileOffset + start - piece.at,
      });
  }
}

/** What a cutter found: it does not know on which connection, and in which direction. */
export interface CutPdu extends Omit<TransportPdu, 'connection' | 'direction'> {
  /** Where it begins and ends, in bytes of the stream from where its assembly began. */
  readonly start: number;
  readonly end: number;
  /** What the segment that it begins in acknowledged: `Segment.acknowledges`. */
  readonly acknowledges: number;
}

/** Whom a cutter tells. */
export interface CutSink {
  pdu(pdu: CutPdu): void;
  /** A PDU's end did not come: `have` of `length` bytes are here (`length` 0: not even the header). */
  truncated(have: number, length: number, frame: number): void;
  /** Whether nothing of the PDU that begins at `at` is wanted: `StreamProtocol.passes`. */
  passes(bytes: Uint8Array, at: number, end: number, length: number, afterGap: boolean): boolean;
  /** What is known of the connection; behind a hole, what was learnt before may no longer hold. */
  known(afterGap: boolean): Connection | null;
  /** The length of the PDU that begins at `at` where nothing of it is wanted: `StreamProtocol.lengthUnwanted`. */
  lengthUnwanted(bytes: Uint8Array, at: number, end: number): number;
  /** Bytes that no PDU begins with stand where one should. Returns whether to search for the next. */
  unclaimed(): boolean;
  /** Behind a hole in a stream that may not be ours stands a segment that begins no PDU. */
  missed(): void;
}
