/** The table of connections: who spoke to whom, how much, and how it ended. */
import type { Call } from '../../../dissectors/call.js';
import type { Pdu } from '../../../dissectors/pdu.js';
import { levelOf, levelText } from '../../analysis/levels.js';
import { type CallTally, countCall, newTally } from '../../analysis/stats/stats.js';
import { communityId, rolesOf } from '../../core/connection.js';
import type { Attempt, Connection, Endpoint, Time } from '../../core/context.js';
import { withFirst } from '../../core/keep-first.js';
import { before } from '../../core/time.js';
import { column, type Table } from './column.js';

/** Interfaces and the like that are kept of one connection. */
const MOST = 256;

const NONE: readonly never[] = [];

/** What is gathered of a connection; one that never came about has neither a number nor PDUs. */
export class ConnectionRow {
  last: Time;
  pdus = 0;
  length = 0;
  readonly tally: CallTally = newTally();
  auth: readonly string[] = NONE;
  users: readonly string[] = NONE;
  interfaces: readonly string[] = NONE;
  protocols: readonly string[] = NONE;

  /**
   * @param flow its ends, by which its flow hash is known
   * @param first when its first PDU was complete
   * @param attempt why it never came about; null where it did
   */
  constructor(
    readonly capture: string,
    readonly id: number | null,
    public flow: Connection['ends'],
    public ends: readonly [client: Endpoint, server: Endpoint],
    public transport: Connection['transport'],
    readonly first: Time,
    readonly connection: Pick<Connection, 'endpoint' | 'midstream'>,
    readonly attempt: Attempt['outcome'] | null,
  ) {
    this.last = first;
  }

  /** The row of a connection of which this is the first PDU. */
  static of(capture: string, { transport: { connection: c, time } }: Pdu): ConnectionRow {
    const { endpoint, midstream } = c;
    return new ConnectionRow(capture, c.id, c.ends, rolesOf(c), c.transport, time, { endpoint, midstream }, null);
  }

  /** The row of a connection that never came about. */
  static tried(capture: string, { client, server, time, outcome }: Attempt): ConnectionRow {
    const nothing = { endpoint: null, midstream: false };
    const ends = [client, server] as const;
    return new ConnectionRow(capture, null, ends, ends, 'ncacn_ip_tcp', time, nothing, outcome);
  }

  /** Adds a PDU. Ends, roles and transport may be known by it. */
  pdu({ transport: { connection, time, length }, protocol }: Pdu): void {
    this.flow = connection.ends;
    this.ends = rolesOf(connection);
    this.transport = connection.transport;
    if (before(this.last, time)) this.last = time;
    this.pdus++;
    this.length += length;
    this.protocols = withFirst(this.protocols, protocol, MOST);
  }

  /** Adds a call that is over. */
  call(call: Call): void {
    countCall(this.tally, call);
    const { type, user } = call.auth;
    this.auth = withFirst(this.auth, `${type ?? 'nobody'} ${levelText(levelOf(call.auth))}`, MOST);
    if (user !== null) this.users = withFirst(this.users, user, MOST);
    const interfaceName = call.iface?.name ?? call.iid;
    if (interfaceName !== null) this.interfaces = withFirst(this.interfaces, interfaceName, MOST);
  }
}

/** One row a connection, when it is over. */
export const CONNECTION_TABLE: Table<ConnectionRow> = {
  name: 'connections',
  about: 'a connection that carried PDUs, or one to an endpoint of DCOM that never came about',
  columns: [
    column('capture', 'text', 'name of the file', (r) => r.capture),
    column('connection', 'uint32', 'its number; null where it never came about', (r) => r.id),
    column('community_id', 'text', 'flow hash, as Zeek and Suricata make it', ({ transport, flow }) =>
      communityId({ transport, ends: flow }),
    ),
    column('client_address', 'text', 'who calls', (r) => r.ends[0].address),
    column('client_port', 'uint16', 'its port', (r) => r.ends[0].port),
    column('server_address', 'text', 'who is called', (r) => r.ends[1].address),
    column('server_port', 'uint16', 'its port', (r) => r.ends[1].port),
    column('transport', 'text', 'as in `calls`; smb, nns', (r) => r.transport),
    column('endpoint', 'text', 'the pipe, or the server behind a proxy', (r) => r.connection.endpoint),
    column('protocols', 'texts', 'DCERPC, NRTP, …', (r) => r.protocols),
    column('first_time', 'time', 'its first PDU', (r) => r.first),
    column('last_time', 'time', 'its last PDU', (r) => r.last),
    column('midstream', 'flag', 'whether the capture begins in the middle of it', (r) => r.connection.midstream),
    column('attempt', 'text', 'why it never came about: no answer, reset', (r) => r.attempt),
    column('pdus', 'uint32', 'its PDUs', (r) => r.pdus),
    column('bytes', 'count', 'their bytes', (r) => r.length),
    column('calls', 'uint32', 'its calls', (r) => r.tally.calls),
    column('failed', 'uint32', 'calls that failed, by their return values or a fault', (r) => r.tally.failed),
    column('faults', 'uint32', 'those of them that ended in a fault', (r) => r.tally.faults),
    column('unanswered', 'uint32', 'calls that wanted an answer, and got none', (r) => r.tally.unanswered),
    column('auth', 'texts', 'how calls were protected: type and level', (r) => r.auth),
    column('auth_users', 'texts', 'accounts', (r) => r.users),
    column('interfaces', 'texts', 'interfaces that were called', (r) => r.interfaces),
  ],
};
