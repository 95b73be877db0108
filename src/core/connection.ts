/** Facts about connections that several reports tell. */
import { hash } from '#platform';
import { addressBytes } from './address.js';
import { compare } from './bytes.js';
import type { Connection, Endpoint } from './context.js';
import { once } from './once.js';
import { base64Text } from './text.js';

/** Client's and server's end. */
export function rolesOf(connection: Connection): readonly [client: Endpoint, server: Endpoint] {
  const [a, b] = connection.ends;
  return connection.client === 0 ? [a, b] : [b, a];
}

/** What a flow hash needs of a connection. */
type Ends = Pick<Connection, 'transport' | 'ends'>;

/** Community ID v1 with seed 0, the flow hash of Zeek, Suricata and others. */
export function communityId({ transport, ends }: Ends): string {
  return transport === 'ncadg_ip_udp' ? ofUdp(ends) : ofTcp(ends);
}

const ofTcp = once((ends: Ends['ends']) => flowHash(ends, 6));
const ofUdp = once((ends: Ends['ends']) => flowHash(ends, 17));

function flowHash(ends: Ends['ends'], protocol: number): string {
  const [a, b] = ends.map((e) => ({ address: addressBytes(e.address), port: e.port }));
  const order = compare(a.address, b.address) || a.port - b.port;
  const [from, to] = order <= 0 ? [a, b] : [b, a];
  const ports = Uint8Array.of(from.port >> 8, from.port, to.port >> 8, to.port);
  return `1:${base64Text(hash('sha1', new Uint8Array(2), from.address, to.address, Uint8Array.of(protocol, 0), ports))}`;
}
