/**
 * RPC over HTTP (MS-RPCH): an IN and an OUT channel, each a TCP connection, are one virtual connection of DCE/RPC where
 * the cookie in their first RTS PDUs says so (3.2.1.1). Never throws.
 */
import { latin1Text } from '#platform';
import { type Connection, type StateStore, stateKey, type TransportPdu } from '../../src/core/context.js';
import type { CarriedStream, StreamProtocol } from '../../src/core/dissector.js';
import { virtualConnectionCookie } from '../dcerpc/rts.js';
import { FILE_DATA, headingText, readHttp } from '../http/index.js';
import { dropOldest } from '../limits.js';
import { dissecting, type Pdu } from '../pdu.js';
import type { Session } from '../session.js';
import { holdsPdus, isChannelRequest } from './stream.js';

/** A virtual connection, and how many channels it has. */
interface Virtual {
  readonly cookie: string;
  readonly stream: CarriedStream;
  channels: number;
}

/** What is known of a channel. */
const CHANNEL = stateKey('rpch.channel', () => ({
  /** The server behind the proxy, as `server:593`; null where no request told it. */
  target: null as string | null,
  virtual: null as Virtual | null,
}));

/** What goes in one direction of a connection. */
export type Directed = Pick<TransportPdu, 'connection' | 'direction'>;
/** Of a virtual connection: the channel that what one side sends comes by, and in which direction. */
const CHANNELS = stateKey('rpch.channels', (): [Directed | null, Directed | null] => [null, null]);

/** The channel that what one side of a virtual connection says comes by; the way itself where that is none. */
export function channelOf(way: Directed): Directed {
  const { connection, direction } = way;
  return (connection.transport === 'ncacn_http' && connection.state.get(CHANNELS)[direction]) || way;
}

/** Virtual connections by their cookies; the cookie is empty where none was seen. */
const VIRTUALS = stateKey('rpch.virtuals', () => new Map<string, Virtual>());

/** Dissects the head of an HTTP message with its body, if that is none of PDUs. */
const dissectHead = dissecting('HTTP', (c, pdu) => {
  const { bytes, length, connection, direction } = pdu.transport;
  const ofChannel = isChannelRequest(bytes, 0, bytes.length);
  c.frame(null, length, (c) => {
    const message = readHttp(c, !holdsPdus(bytes, 0, bytes.length));
    const { content } = message;
    if (content?.source === c.source && c.left > 0) c.skip(FILE_DATA, c.left);
    pdu.says = headingText(message);
    const isRequest = message.kind === 'request';
    if (isRequest || connection.midstream) connection.client = isRequest === (direction === 0) ? 0 : 1;
  });
  if (ofChannel) connection.state.get(CHANNEL).target = targetOf(bytes);
});

/** Dissects a head, or hands a PDU of DCE/RPC on to its virtual connection. */
export function dissectRpch(
  transport: TransportPdu,
  session: Session,
  inner: StreamProtocol,
  record: boolean,
  emit: (pdu: Pdu) => void,
): void {
  const { bytes } = transport;
  if (inner.mayBegin(bytes, 0, bytes.length)) goOn(transport, session, inner);
  else if (bytes[0] !== inner.greeting?.bytes[0]) emit(dissectHead(transport, session, record));
}

/** The channel was closed; with the last of them, the virtual connection is. */
export function closeRpch(connection: Connection, { capture }: { readonly capture: StateStore }): void {
  leave(connection.state.get(CHANNEL), capture.get(VIRTUALS));
}

function goOn(transport: TransportPdu, { capture, carriers, limits }: Session, inner: StreamProtocol): void {
  const { connection, direction, bytes, pieces, frames, time, afterGap } = transport;
  const channel = connection.state.get(CHANNEL);
  const virtuals = capture.get(VIRTUALS);
  const cookie = virtualConnectionCookie(bytes);
  if (channel.virtual === null || (cookie !== null && cookie !== channel.virtual.cookie)) {
    leave(channel, virtuals);
    const known = cookie === null ? undefined : virtuals.get(cookie);
    const { ends, client, midstream } = connection;
    const open = (): CarriedStream =>
      carriers.open(inner, {
        ends,
        client,
        midstream,
        transport: 'ncacn_http',
        ...(channel.target && { endpoint: channel.target }),
      });
    channel.virtual = known ?? { cookie: cookie ?? '', stream: open(), channels: 0 };
    channel.virtual.channels++;
    if (cookie !== null) {
      dropOldest(virtuals, cookie, limits.connections)?.stream.end();
      virtuals.set(cookie, channel.virtual);
    }
  }
  const { stream } = channel.virtual;
  const { client } = stream.connection;
  const side = direction === connection.client ? client : ((1 - client) as 0 | 1);
  if (afterGap) stream.gap(side);
  const channels = stream.connection.state.get(CHANNELS);
  if (channels[side]?.connection !== connection) {
    channels[side] = { connection, direction };
    if (side === client) stream.connection.ends = turned(connection.ends, direction === side);
  }
  stream.data(side, { bytes, pieces, frame: frames[frames.length - 1], time });
}

/** Who calls is at the end of the channel that requests come by. */
function turned([a, b]: Connection['ends'], isSo: boolean): Connection['ends'] {
  return isSo ? [a, b] : [b, a];
}

function leave(channel: { virtual: Virtual | null }, virtuals: Map<string, Virtual>): void {
  const { virtual } = channel;
  channel.virtual = null;
  if (virtual === null || --virtual.channels > 0) return;
  virtuals.delete(virtual.cookie);
  virtual.stream.end();
}

/** What stands behind `?` of a request's target: `/rpc/rpcproxy.dll?server:593`; of RPC_CONNECT, the target itself. */
function targetOf(bytes: Uint8Array): string | null {
  const [, target = ''] = latin1Text(bytes, 0, Math.min(bytes.length, 1024)).split(' ', 2);
  const name = target.slice(target.indexOf('?') + 1);
  return name === '' ? null : name;
}
