/** What clients asked for in vain: interfaces that a server refused to bind, and endpoints that nobody answers at. */
import type { Pdu } from '../../dissectors/pdu.js';
import { endpointText } from '../core/address.js';
import { rolesOf } from '../core/connection.js';
import type { Attempt, Endpoint } from '../core/context.js';

/** Pairs of client and server, with interface and reason. */
const MOST = 1000;
/** Frames kept of each. */
const MOST_FRAMES = 16;

/** An interface that one client asked a server for in vain. */
export interface RefusedBind {
  readonly client: string;
  readonly server: Endpoint;
  /** Null where only the refusal was captured. */
  readonly iid: string | null;
  readonly interface: string;
  readonly version: string | null;
  readonly reason: string;
  /** Frames of the answers; the first of many. */
  readonly frames: number[];
  count: number;
}

/** Interfaces that an answer to a bind or alter_context refused. */
export function refusedIn({ bind, transport }: Pdu): RefusedBind[] {
  if (bind === null || bind.refused.length === 0) return [];
  const [client, server] = rolesOf(transport.connection);
  return bind.refused.map(({ iid, name, version, reason }) => ({
    ...{ client: client.address, server, iid, interface: name, version, reason },
    frames: transport.frames.slice(-1),
    count: 1,
  }));
}

/** Gathers refusals; the same ones are one with a count. */
export class Refusals {
  private readonly known = new Map<string, RefusedBind>();
  readonly attempts: Attempt[] = [];

  pdu(pdu: Pdu): void {
    for (const refused of refusedIn(pdu)) {
      const { client, server, iid, reason } = refused;
      const key = `${client} ${server.address} ${server.port} ${iid} ${reason}`;
      const before = this.known.get(key);
      if (before === undefined) {
        if (this.known.size < MOST) this.known.set(key, refused);
        continue;
      }
      before.count++;
      if (before.frames.length < MOST_FRAMES) before.frames.push(...refused.frames);
    }
  }

  get binds(): RefusedBind[] {
    return [...this.known.values()];
  }
}

/**
 * `10.0.0.2:49664 was tried in vain: 4 SYNs, no answer`.
 * @param where what the server is called, and its port
 */
export function attemptText(
  { server, syns, outcome }: Pick<Attempt, 'server' | 'syns' | 'outcome'>,
  where = endpointText(server.address, server.port),
): string {
  return `${where} was tried in vain: ${syns} SYN${syns === 1 ? '' : 's'}, ${outcome}`;
}

/** `bind of IManagedObject 0.0 refused: abstract syntax not supported`. */
export function refusalText(r: Pick<RefusedBind, 'interface' | 'version' | 'reason'>): string {
  return `bind of ${r.interface}${r.version === null ? '' : ` ${r.version}`} refused: ${r.reason}`;
}
