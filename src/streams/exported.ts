/**
 * PDUs that were taken out of their packets (LINKTYPE_WIRESHARK_UPPER_PDU, 252; epan/exported_pdu.h of Wireshark): tags
 * say between whom they went, and the PDU follows. Those of one connection are put together as a stream is.
 */
import type { Packet } from '../capture/packet.js';
import { ipv4Text, ipv6Text } from '../core/address.js';
import type { Connection, Endpoint, Transport } from '../core/context.js';
import type { CarriedStream, Carriers, StreamProtocol } from '../core/dissector.js';
import type { StreamEvents, StreamProtocols } from './types.js';
import type { UdpConnections } from './udp.js';

export const EXPORTED_LINK = 252;

/** Tags: type and length, two bytes each in network order, and a value. */
export const ExportTag = {
  end: 0,
  heuristic: 13,
  dissector: 12,
  ipv4Source: 20,
  ipv4Target: 21,
  ipv6Source: 22,
  ipv6Target: 23,
  portType: 24,
  sourcePort: 25,
  targetPort: 26,
  originalFrame: 30,
  info: 36,
} as const;

/** Values of the tag of that name. */
export const PortType = { tcp: 2, udp: 3 } as const;

/** A stream inside another protocol, as the tag `info` says it: `ncacn_np \pipe\srvsvc #3`, numbered in its capture. */
const CARRIED = /^(ncacn_np|ncacn_http)( \S.*)? #\d+$/;

interface Exported {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly isUdp: boolean;
  readonly info: string;
  /** Where the PDU begins. */
  readonly start: number;
}

/** Streams of a capture's exported PDUs, those idle longest forgotten where there are too many. */
export class ExportedPdus {
  private readonly streams = new Map<string, CarriedStream>();

  constructor(
    private readonly protocols: StreamProtocols,
    private readonly events: StreamEvents,
    private readonly carriers: Carriers,
    private readonly udp: UdpConnections,
    private readonly limit: number,
    private readonly full: () => void,
  ) {}

  /** Takes a packet of that link type. */
  packet(p: Packet): void {
    const found = readTags(p);
    if (found === null) return;
    const { from, to, isUdp, info, start } = found;
    const bytes = p.bytes.slice(start, p.end);
    const length = Math.max(bytes.length, p.length - (start - p.start));
    const time = { sec: p.sec, nsec: p.nsec, units: p.units };
    const pieces = [{ at: 0, length: bytes.length, frame: p.number, fileOffset: p.fileOffset + start - p.start }];
    if (isUdp) {
      if (!this.protocols.datagram.claims(bytes, 0, bytes.length)) return;
      const between = this.udp.get(from, to);
      this.events.pdu({ ...between, bytes, length, pieces, frames: [p.number], time, afterGap: false });
      return;
    }
    const stream = this.streamOf(from, to, info, bytes);
    if (stream === null) return;
    const direction = directionOf(stream.connection, from);
    stream.data(direction, { bytes, pieces, frame: p.number, time });
    if (bytes.length < length) stream.gap(direction);
  }

  end(): void {
    for (const stream of this.streams.values()) stream.end();
    this.streams.clear();
  }

  private streamOf(from: Endpoint, to: Endpoint, info: string, bytes: Uint8Array): CarriedStream | null {
    const ends = [`${from.address} ${from.port}`, `${to.address} ${to.port}`].sort();
    const key = `${ends.join(' ')} ${info}`;
    let stream = this.streams.get(key);
    if (stream === undefined) {
      const protocol = protocolOf(this.protocols, bytes);
      if (protocol === null) return null;
      if (this.streams.size >= this.limit) this.dropOldest();
      const [, transport, endpoint] = CARRIED.exec(info) ?? [];
      stream = this.carriers.open(protocol, {
        ends: [from, to],
        client: 0,
        // whether PDUs came before this one, nobody knows
        midstream: true,
        ...(transport === undefined ? {} : { transport: transport as Transport }),
        ...(endpoint === undefined ? {} : { endpoint: endpoint.trim() }),
      });
    } else this.streams.delete(key);
    // a map keeps the order of insertion: what was used last stands last
    this.streams.set(key, stream);
    return stream;
  }

  private dropOldest(): void {
    this.full();
    for (const [key, stream] of this.streams) {
      this.streams.delete(key);
      stream.end();
      return;
    }
  }
}

/** Whose PDU it is: that of the first protocol whose streams begin so, or else go on so. */
function protocolOf({ streams }: StreamProtocols, bytes: Uint8Array): StreamProtocol | null {
  const asked = streams.filter(({ headerLength, ports }) => bytes.length >= headerLength && ports === undefined);
  const claims = (how: 'opens' | 'claims') => asked.find((protocol) => protocol[how](bytes, 0, bytes.length));
  return claims('opens') ?? claims('claims') ?? null;
}

function directionOf({ ends }: Connection, from: Endpoint): 0 | 1 {
  return ends[0].address === from.address && ends[0].port === from.port ? 0 : 1;
}

const ascii = new TextDecoder();

/** Reads the tags; null where they are cut, or do not say between whom the PDU went. */
function readTags({ bytes, start, end }: Packet): Exported | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const addresses: (string | undefined)[] = [];
  const ports: (number | undefined)[] = [];
  let portType = 0;
  let info = '';
  for (let at = start; at + 4 <= end; ) {
    const tag = view.getUint16(at);
    const length = view.getUint16(at + 2);
    at += 4;
    if (tag === ExportTag.end) {
      const [[from, to], [source = 0, target = 0]] = [addresses, ports];
      if (from === undefined || to === undefined || (portType !== PortType.tcp && portType !== PortType.udp))
        return null;
      const isUdp = portType === PortType.udp;
      return { from: { address: from, port: source }, to: { address: to, port: target }, isUdp, info, start: at };
    }
    if (at + length > end) return null;
    if (tag === ExportTag.ipv4Source || tag === ExportTag.ipv4Target) {
      if (length >= 4) addresses[tag - ExportTag.ipv4Source] = ipv4Text(bytes, at);
    } else if (tag === ExportTag.ipv6Source || tag === ExportTag.ipv6Target) {
      if (length >= 16) addresses[tag - ExportTag.ipv6Source] = ipv6Text(bytes, at);
    } else if (tag === ExportTag.info) info = ascii.decode(bytes.subarray(at, at + length)).replace(/\0+$/, '');
    else if (length >= 4 && tag === ExportTag.portType) portType = view.getUint32(at);
    else if (length >= 4 && (tag === ExportTag.sourcePort || tag === ExportTag.targetPort))
      ports[tag - ExportTag.sourcePort] = view.getUint32(at);
    at += length;
  }
  return null;
}
