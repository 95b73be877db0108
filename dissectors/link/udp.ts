/** User Datagram Protocol (RFC 768): the header, and where the payload lies. */
import type { Cursor } from '../../src/core/cursor.js';
import { type Field, field } from '../../src/core/node.js';

const UDP = field('udp', 'User Datagram Protocol');
const SOURCE = field('udp.srcport', 'Source Port', 'uint16');
const DESTINATION = field('udp.dstport', 'Destination Port', 'uint16');
const LENGTH = field('udp.length', 'Length', 'uint16');
const CHECKSUM = field('udp.checksum', 'Checksum', 'uint16', { hex: true });
const STREAM = field('udp.stream', 'Stream index', 'uint32');
const PAYLOAD = field('udp.payload', 'Payload', 'bytes');

/** Fields of UDP. */
export const UDP_FIELDS: readonly Field[] = [UDP, SOURCE, DESTINATION, LENGTH, CHECKSUM, STREAM, PAYLOAD];
/** What only somebody who counts conversations knows. */
export const FOLLOWED_UDP: readonly Field[] = [STREAM];
/** One name for both ports. */
export const UDP_ALIASES = [
  { field: field('udp.port', 'Source or Destination Port', 'uint16'), of: ['udp.srcport', 'udp.dstport'] },
];

/**
 * Records the header and the payload; `length` bytes are claimed by the network layer.
 * @param isTunnel whether the payload is taken apart: then its beginning is left to who does that
 * @returns the payload's length
 */
export function dissectUdp(c: Cursor, length: number, stream: number | undefined, isTunnel: boolean): number {
  return c.protocol(UDP, UDP_FIELDS, () => {
    const source = c.u16(SOURCE);
    const destination = c.u16(DESTINATION);
    const claimed = c.u16(LENGTH);
    c.u16(CHECKSUM);
    if (stream !== undefined) c.computed(STREAM, stream);
    c.tell(() => `User Datagram Protocol, Src Port: ${source}, Dst Port: ${destination}`);
    // a jumbogram says 0 (RFC 2675 4)
    const payload = Math.max(0, (claimed === 0 ? length : Math.min(claimed, length)) - 8);
    const captured = Math.min(payload, c.left);
    if (isTunnel) c.computed(PAYLOAD, () => c.bytes.subarray(c.pos, c.pos + captured));
    else if (captured > 0) c.carry(PAYLOAD, captured);
    return payload;
  });
}
