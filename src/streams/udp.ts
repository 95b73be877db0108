/**
 * UDP (RFC 768): one `Connection` for each pair of endpoints that datagrams were claimed of.
 */
import { type Connection, type Endpoint, StateStore } from '../core/context.js';

/** Connections of UDP endpoints, the one idle longest forgotten when there are too many. */
export class UdpConnections {
  private readonly known = new Map<string, Connection>();

  constructor(
    private readonly limit: number,
    private readonly nextId: () => number,
    private readonly closed: (connection: Connection, forced: boolean) => void,
  ) {}

  /** The connection of two endpoints, whichever sends. Direction 0 is that of the endpoint seen first to send. */
  get(from: Endpoint, to: Endpoint): { connection: Connection; direction: 0 | 1 } {
    const there = `${from.address} ${from.port} ${to.address} ${to.port}`;
    const back = `${to.address} ${to.port} ${from.address} ${from.port}`;
    const key = this.known.has(back) ? back : there;
    let connection = this.known.get(key);
    if (connection === undefined) {
      if (this.known.size >= this.limit) this.dropOldest();
      connection = {
        id: this.nextId(),
        transport: 'ncadg_ip_udp',
        protocol: null,
        endpoint: null,
        ends: [from, to],
        client: from.port >= to.port ? 0 : 1,
        midstream: false,
        state: new StateStore(),
      };
    } else this.known.delete(key);
    // A map keeps the order of insertion: what was used last stands last.
    this.known.set(key, connection);
    return { connection, direction: key === there ? 0 : 1 };
  }

  /** Ends all of them. */
  end(): void {
    for (const connection of this.known.values()) this.closed(connection, false);
    this.known.clear();
  }

  private dropOldest(): void {
    for (const [key, connection] of this.known) {
      this.known.delete(key);
      this.closed(connection, true);
      return;
    }
  }
}
