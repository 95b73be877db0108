/** Between whom a packet is. */
import { ipv4Text, ipv6Text } from '../core/address.js';
import type { Endpoint } from '../core/context.js';
import type { IpPacket } from './types.js';

/** Sender and receiver of a packet with ports. */
export function sides(ip: IpPacket): [Endpoint, Endpoint] {
  const b = ip.bytes;
  const at = ip.start;
  const from = ip.version === 4 ? ipv4Text(b, ip.header + 12) : ipv6Text(b, ip.header + 8);
  const to = ip.version === 4 ? ipv4Text(b, ip.header + 16) : ipv6Text(b, ip.header + 24);
  return [
    { address: from, port: (b[at] << 8) | b[at + 1] },
    { address: to, port: (b[at + 2] << 8) | b[at + 3] },
  ];
}

/** The same, the end of direction 0 first. */
export function endsOf(ip: IpPacket, direction: 0 | 1): [Endpoint, Endpoint] {
  const [from, to] = sides(ip);
  return direction === 0 ? [from, to] : [to, from];
}
