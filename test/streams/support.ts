import type { Packet } from '../../src/capture/packet.js';
import { emptyPacket } from '../../src/capture/packet.js';
import type { Connection, TransportPdu } from '../../src/core/context.js';
import type { DatagramProtocol, StreamProtocol } from '../../src/core/dissector.js';
import type { Limits } from '../../src/core/limits.js';
import type { Note } from '../../src/core/node.js';
import { createStreams, type StreamProtocols } from '../../src/streams/index.js';

const pduLength = (b: Uint8Array, at: number) =>
  b[at + 4] & 0x10 ? b[at + 8] | (b[at + 9] << 8) : (b[at + 8] << 8) | b[at + 9];

const claims = (b: Uint8Array, at: number): boolean =>
  b[at] === 5 &&
  b[at + 1] <= 1 &&
  (b[at + 2] === 0 || b[at + 2] === 2 || b[at + 2] === 3 || (b[at + 2] >= 11 && b[at + 2] <= 19)) &&
  (b[at + 4] & 0xee) === 0 &&
  b[at + 5] <= 3 &&
  b[at + 6] === 0 &&
  b[at + 7] === 0 &&
  pduLength(b, at) >= 16;

/** Connection-oriented DCE/RPC (C706 12.6.3), as strict as a header can be. */
export const stream: StreamProtocol = {
  name: 'dcerpc',
  transport: 'ncacn_ip_tcp',
  headerLength: 16,
  maxLength: 65535,
  opens: claims,
  claims,
  mayBegin: (b, at) => b[at] === 5,
  pduLength,
};

/** Connectionless DCE/RPC (C706 12.5.2), roughly. */
export const datagram: DatagramProtocol = {
  claims: (b, start, end) => end - start >= 80 && b[start] === 4 && b[start + 1] <= 10 && (b[start + 4] & 0xee) === 0,
};

/** Everything that came out of streams. */
export class Outcome {
  readonly pdus: TransportPdu[] = [];
  readonly notes: Note[] = [];
  readonly closed: Connection[] = [];

  /** Bodies' first numbers (`seed` of `dcerpcPdu`): which PDUs came, in which order. */
  get seeds(): number[] {
    return this.pdus.map(({ bytes: b }) => b[12] | (b[13] << 8) | (b[14] << 16));
  }

  get codes(): string[] {
    return this.notes.map((n) => n.code);
  }
}

/** Streams that collect into an outcome. */
export function collector(
  limits: Partial<Limits> = {},
  ports?: StreamProtocols['ports'],
  protocols: readonly StreamProtocol[] = [stream],
) {
  const outcome = new Outcome();
  const streams = createStreams(
    { streams: protocols, datagram, ports },
    {
      pdu: (pdu) => outcome.pdus.push(pdu),
      note: (note) => outcome.notes.push(note),
      closed: (connection) => outcome.closed.push(connection),
    },
    limits,
  );
  return { streams, outcome };
}

/** Hands over packets as a capture would: one object, one reused chunk, its bytes wiped afterwards. */
export class Feeder {
  private readonly packet: Packet = emptyPacket();
  private readonly chunk = new Uint8Array(70_000);
  private fileOffset = 24;

  constructor(
    private readonly streams: { packet(p: Packet): void },
    private readonly link = 1,
  ) {}

  feed(bytes: Uint8Array, o: { length?: number; snap?: number; link?: number } = {}): void {
    const p = this.packet;
    const captured = Math.min(bytes.length, o.snap ?? bytes.length);
    this.chunk.set(bytes.subarray(0, captured), 100);
    this.fileOffset += 16;
    p.number++;
    p.sec = 1_700_000_000 + p.number;
    p.nsec = p.number;
    p.link = o.link ?? this.link;
    p.bytes = this.chunk;
    p.start = 100;
    p.end = 100 + captured;
    p.length = o.length ?? bytes.length;
    p.fileOffset = this.fileOffset;
    this.streams.packet(p);
    this.fileOffset += captured;
    this.chunk.fill(0xee);
  }
}

/** Feeds packets and returns all that came out. */
export function run(
  packets: readonly Uint8Array[],
  o: {
    link?: number;
    limits?: Partial<Limits>;
    ports?: StreamProtocols['ports'];
    protocols?: readonly StreamProtocol[];
  } = {},
): Outcome {
  const { streams, outcome } = collector(o.limits, o.ports, o.protocols);
  const feeder = new Feeder(streams, o.link);
  for (const bytes of packets) feeder.feed(bytes);
  streams.end();
  return outcome;
}
