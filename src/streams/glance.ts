/**
 * Packets at a glance. Most of a capture is TCP and UDP of somebody else, over IPv4 and Ethernet with nothing special about
 * it: of those this finds straight in the bytes what walking from header to header would come to, and makes nothing. Tags,
 * options, fragments, tunnels, what is cut and IPv6 are left to the walk.
 */
import type { Packet } from '../capture/packet.js';
import type { DatagramProtocol } from '../core/dissector.js';
import { layerOfPorts, layerOfProtocol } from '../core/headers/layer.js';
import type { TcpFlows } from './tcp-flows.js';
import type { IpPacket, StreamProtocols } from './types.js';

const TCP = 6;
const UDP = 17;
/** Ethernet and IPv4 without options, and with a header of UDP or TCP. */
const ETHERNET = 14;
const HEADERS = 34;
const WITH_UDP = 42;
const WITH_TCP = 54;

/** Looks at packets of Ethernet in front of the walk. */
export class Glance {
  private readonly datagram: DatagramProtocol;
  /** Whether datagrams of some ports are ours whatever they hold. */
  private readonly isForced: boolean;

  /** @param ip filled where a segment goes on */
  constructor(
    private readonly ip: IpPacket,
    private readonly tcp: TcpFlows,
    { datagram, ports }: StreamProtocols,
  ) {
    this.datagram = datagram;
    this.isForced = ports !== undefined && ports.size > 0;
  }

  /** Takes a packet of Ethernet; false where it was not: then nothing has changed. */
  takes(p: Packet): boolean {
    const { bytes: b, start: at, end } = p;
    // version 4 and five words (RFC 791 3.1)
    if (end - at < WITH_UDP || b[at + 12] !== 8 || b[at + 13] !== 0 || b[at + 14] !== 0x45) return false;
    const protocol = b[at + 23];
    if (protocol !== TCP && protocol !== UDP) return layerOfProtocol(protocol) === null;
    // neither a fragment nor followed by more
    if (((b[at + 20] & 0x3f) | b[at + 21]) !== 0) return false;
    // none is told where a network card was to fill it in: then no header fits
    const to = at + ETHERNET + ((b[at + 16] << 8) | b[at + 17]);
    if (protocol === UDP) return to >= at + WITH_UDP && !this.isWanted(b, at + HEADERS, Math.min(to, end), to);
    if (end - at < WITH_TCP) return false;
    const payload = at + HEADERS + ((b[at + 46] >> 4) << 2);
    if (payload < at + WITH_TCP || payload > to) return false;
    if (this.tcp.drops4(b, at + ETHERNET, at + HEADERS, payload === to)) return true;
    const { ip } = this;
    ip.bytes = b;
    ip.header = at + ETHERNET;
    ip.version = 4;
    ip.start = at + HEADERS;
    ip.captured = Math.min(to, end);
    ip.end = to;
    ip.pieces = null;
    this.tcp.known(p, ip, payload);
    return true;
  }

  /** Whether a datagram may be a tunnel's, or ours: `captured` and `end` are those of its packet. */
  private isWanted(b: Uint8Array, at: number, captured: number, end: number): boolean {
    if (this.isForced || layerOfPorts((b[at] << 8) | b[at + 1], (b[at + 2] << 8) | b[at + 3]) !== undefined)
      return true;
    const told = (b[at + 4] << 8) | b[at + 5];
    const to = told === 0 ? end : Math.min(end, at + told);
    const here = Math.min(captured, to);
    return here > at + 8 && this.datagram.claims(b, at + 8, here);
  }
}
