/**
 * `--decrypted`: PDUs as they would be without their sealing, in captures that other tools read: each PDU by itself with
 * tags that say between whom it went (streams/exported.ts), or in TCP connections that are made for them.
 */

import type { Pdu } from '../../../dissectors/pdu.js';
import { partOf } from '../../../dissectors/protocols.js';
import { channelOf } from '../../../dissectors/rpch/rpch.js';
import { clearPdu, isSealed } from '../../analysis/clear.js';
import type { Packet } from '../../capture/open.js';
import { addressBytes } from '../../core/address.js';
import { concat, dword, latin1Bytes, utf8Bytes, word, zeros } from '../../core/bytes.js';
import type { Connection, Endpoint, TransportPdu } from '../../core/context.js';
import { ethernetPacket, MadeConnection, udpPacket } from '../../encode/scenarios/packets.js';
import { EXPORTED_LINK, ExportTag, PortType } from '../../streams/exported.js';
import type { PacketFile } from './packet-file.js';
import { PipeMessages } from './pipes.js';

/** How PDUs are written. */
export type Decrypted = 'pdu' | 'tcp';

/** Writes PDUs in clear, in order. */
export class ClearWriter {
  /** PDUs that are sealed in what was written. */
  sealed = 0;
  private readonly way: Way;

  constructor(how: Decrypted, file: PacketFile) {
    this.way = how === 'pdu' ? exporting(file) : rebuilding(file);
  }

  pdu(pdu: Pdu, comments: readonly string[]): void {
    const clear = clearPdu(pdu);
    const isWritten = this.way.pdu(pdu, clear ?? pdu.transport.bytes, comments);
    if (isSealed(pdu) && (clear === null || (!isWritten && pdu.protocol === 'DCERPC'))) this.sealed++;
  }

  /** Nothing more comes of a capture. */
  end(): void {
    this.way.end();
  }
}

interface Way {
  /** Writes a PDU, or not where what it carries is written, or what carries it as it is. */
  pdu(pdu: Pdu, bytes: Uint8Array, comments: readonly string[]): boolean;
  end(): void;
}

/** What the messages of a connection carry: `StreamProtocol.carries`. */
const carriesOf = (connection: Connection) => partOf(connection).stream.carries;

/** Bytes that its end would have beside those captured. */
const missing = ({ bytes, length }: TransportPdu): number => Math.max(0, length - bytes.length);

function packetOf({ time }: TransportPdu, link: number, bytes: Uint8Array, length: number): Packet {
  const place = { bytes, start: 0, end: bytes.length, length, fileOffset: 0 };
  return { number: 0, ...time, link, ...place, interfaceId: 0, interface: null, units: 1e9 };
}

/** Each PDU in a packet of its own; those of pipes and channels, and not what carries them. */
function exporting(file: PacketFile): Way {
  const pdu: Way['pdu'] = ({ transport, protocol }, bytes, comments) => {
    const { connection, direction, frames } = transport;
    if (carriesOf(connection) !== undefined) return false;
    const from = connection.ends[direction];
    const to = connection.ends[direction === 0 ? 1 : 0];
    const isUdp = connection.transport === 'ncadg_ip_udp';
    const packet = concat(
      dissectorTag(protocol, isUdp),
      addressTag(from, 0),
      addressTag(to, 1),
      tag(ExportTag.portType, dword(isUdp ? PortType.udp : PortType.tcp, false)),
      tag(ExportTag.sourcePort, dword(from.port, false)),
      tag(ExportTag.targetPort, dword(to.port, false)),
      tag(ExportTag.originalFrame, dword(frames[frames.length - 1], false)),
      infoTag(connection),
      tag(ExportTag.end),
      bytes,
    );
    file.packet(packetOf(transport, EXPORTED_LINK, packet, packet.length + missing(transport)), comments);
    return true;
  };
  return { pdu, end() {} };
}

/** Who dissects it in Wireshark, which knows nothing of .NET remoting. */
function dissectorTag(protocol: string, isUdp: boolean): Uint8Array {
  if (protocol === 'DCERPC') return tag(ExportTag.heuristic, latin1Bytes(isUdp ? 'dcerpc_udp' : 'dcerpc_tcp'));
  return tag(ExportTag.dissector, latin1Bytes(protocol === 'HTTP' ? 'http' : 'data'));
}

function addressTag({ address }: Endpoint, which: 0 | 1): Uint8Array {
  const bytes = addressBytes(address);
  return tag((bytes.length === 4 ? ExportTag.ipv4Source : ExportTag.ipv6Source) + which, bytes);
}

/** What tells streams apart that one connection carries. */
function infoTag({ transport, endpoint, id }: Connection): Uint8Array {
  if (transport !== 'ncacn_np' && transport !== 'ncacn_http') return zeros(0);
  return tag(ExportTag.info, utf8Bytes([transport, endpoint, `#${id}`].filter((part) => part !== null).join(' ')));
}

/** A tag; its length is that of the value, padded to a multiple of 4 bytes, as Wireshark writes it. */
function tag(number: number, value = zeros(0)): Uint8Array {
  const length = (value.length + 3) & ~3;
  return concat(word(number, false), word(length, false), value, zeros(length - value.length));
}

/** A connection that is made for one of the capture. */
interface Made {
  readonly stream: MadeConnection;
  readonly client: 0 | 1;
  /** Its server's greeting is no PDU, and is told by what the connection is called then. */
  isGreeted: boolean;
}

const ETHERNET = 1;
/** Bytes of a segment. */
const SEGMENT = 16384;

/**
 * TCP connections of clear PDUs: in messages of SMB and in channels of HTTP where they went through these, and without
 * the channels of NegotiateStream.
 */
function rebuilding(file: PacketFile): Way {
  const made = new WeakMap<Connection, Made>();
  let ids = 1;
  let at: TransportPdu;
  let [left, said]: [number, readonly string[]] = [0, []];
  const send = (bytes: Uint8Array, payload: number): void => {
    left -= payload;
    const isLast = payload > 0 && left <= 0;
    file.packet(packetOf(at, ETHERNET, bytes, bytes.length), isLast ? said : []);
  };
  const network = {
    segment: (from: Endpoint, to: Endpoint, header: Uint8Array, payload: Uint8Array) =>
      send(ethernetPacket(from, to, 6, concat(header, payload), ids++), payload.length),
  };
  const streamOf = ({ connection }: TransportPdu) => {
    let known = made.get(connection);
    if (known !== undefined) return known;
    const { client, ends, midstream, id } = connection;
    const stream = new MadeConnection(network, client === 0 ? ends : [ends[1], ends[0]], SEGMENT, id);
    known = { stream, client, isGreeted: false };
    made.set(connection, known);
    if (!midstream) stream.open();
    return known;
  };
  const write = (transport: TransportPdu, bytes: Uint8Array, comments: readonly string[]): void => {
    const { connection, direction, afterGap } = transport;
    [at, left, said] = [transport, 0, []];
    if (connection.transport === 'ncadg_ip_udp') {
      said = comments;
      send(udpPacket(connection.ends[direction], connection.ends[direction === 0 ? 1 : 0], bytes, ids++), bytes.length);
      return;
    }
    const isNew = !made.has(connection);
    const known = streamOf(transport);
    const { stream, client } = known;
    const { greeting } = partOf(connection).stream;
    if (!known.isGreeted && greeting?.transport === connection.transport) {
      known.isGreeted = true;
      stream.data(1, greeting.bytes);
    }
    [left, said] = [bytes.length, comments];
    const side = direction === client ? 0 : 1;
    // how many bytes are missing, nobody knows
    if (afterGap && !isNew) stream.lost(side, 1);
    stream.data(side, bytes);
    stream.lost(side, missing(transport));
  };
  const messages = new PipeMessages(write);
  return {
    pdu(pdu, bytes, comments) {
      const transport = { ...pdu.transport, ...channelOf(pdu.transport) };
      const { connection } = transport;
      if (messages.holds(connection)) return messages.pdu(transport, bytes, comments);
      if (carriesOf(connection) === 'all') return false;
      messages.message(transport, pdu.carried, bytes, comments);
      return true;
    },
    end: () => messages.end(),
  };
}
