/** Facts about connections that several reports tell. */
import { createHash } from 'node:crypto';
import { addressBytes } from './address.js';
import type { Connection, Endpoint } from './context.js';

/** Client's and server's end. */
export function rolesOf(connection: Connection): readonly [client: Endpoint, server: Endpoint] {
  const [a, b] = connection.ends;
  return connection.client === 0 ? [a, b] : [b, a];
}

/** What a flow hash needs of a connection. */
type Ends = Pick<Connection, 'transport' | 'ends'>;

const communityIds = new WeakMap<Ends, string>();

/** Community ID v1 with seed 0, the flow hash of Zeek, Suricata and others. */
export function communityId(connection: Ends): string {
  let id = communityIds.get(connection);
  if (id === undefined) {
    id = computeCommunityId(connection);
    communityIds.set(connection, id);
  }
  return id;
}

function computeCommunityId(connection: Ends): string {
  const [a, b] = connection.ends.map((e) => ({ address: addressBytes(e.address), port: e.port }));
  const order = Buffer.compare(a.address, b.address) || a.port - b.port;
  const [from, to] = order <= 0 ? [a, b] : [b, a];
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(from.port, 0);
  ports.writeUInt16BE(to.port, 2);
  const protocol = connection.transport === 'ncadg_ip_udp' ? 17 : 6;
  const hash = createHash('sha1').update(
    Buffer.concat([Buffer.alloc(2), from.address, to.address, Buffer.from([protocol, 0]), ports]),
  );
  return `1:${hash.digest('base64')}`;
}
