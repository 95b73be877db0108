/**
 * The way of a message of NegotiateStream (MS-NNS): handshake or data; what data is clear goes on in a carried stream.
 * Never throws.
 */
import type { Connection, StateStore, TransportPdu } from '../../src/core/context.js';
import type { Cursor } from '../../src/core/cursor.js';
import type { StreamProtocol } from '../../src/core/dissector.js';
import type { LimitName } from '../../src/core/limits.js';
import { locate, type Range } from '../../src/core/source.js';
import { type CallAuth, Level, PROTECTION } from '../call.js';
import { dissecting, type Pdu } from '../pdu.js';
import type { Session } from '../session.js';
import { forgetContext, keepContext, type Learnt, learn, NNS_CHANNEL, placeOf } from './channel.js';
import { handshakeText, readClear, readData, readHandshake, readUnframed } from './frame.js';

/**
 * Dissects a message, and hands its clear data on behind it.
 * @param inner what runs inside of channels
 */
export function dissectNns(
  transport: TransportPdu,
  session: Session,
  inner: StreamProtocol,
  record: boolean,
  emit: (pdu: Pdu, known: () => Learnt) => void,
  limits: readonly LimitName[] = [],
): void {
  const channel = transport.connection.state.get(NNS_CHANNEL);
  const learnt = channel.recalled ?? learn(transport, session);
  let clear: Range | null = null;
  const dissect = dissecting('NNS', (c, pdu) => {
    for (const { code, message } of learnt.notes) pdu.note(code, message);
    clear = readMessage(c, transport, learnt);
    pdu.says = textOf(transport, learnt);
    if (learnt.firstUnreadable) pdu.note('encrypted', unreadableText(learnt));
    if (learnt.kind === 'handshake' && channel.context !== null) keepContext(transport, session, pdu);
  });
  emit(dissect(transport, session, record, limits), () => learnt);
  goOn(transport, session, inner, learnt, clear);
}

/** Reads a message; where its clear data lies, null where there is none to be read. */
function readMessage(c: Cursor, { bytes, length }: TransportPdu, { kind, opened, unwrapped }: Learnt): Range | null {
  if (kind === 'handshake') {
    readHandshake(c, length, opened ?? undefined);
    return null;
  }
  if (kind === 'inner') {
    readUnframed(c, length);
    return { source: c.source, start: 0, end: bytes.length };
  }
  const place = unwrapped === null ? null : placeOf(bytes, unwrapped);
  const stub = unwrapped?.stub ?? null;
  readData(c, length, place, opened ?? undefined);
  if (stub === null || place !== null) return place && { source: c.source, ...place };
  const from = { source: c.source, start: 0, end: bytes.length };
  const source = { kind: 'derived', name: 'Decrypted NegotiateStream', bytes: stub, from } as const;
  const clear = c.over(source);
  clear.frame(null, stub.length, readClear);
  return { source, start: 0, end: stub.length };
}

function textOf({ bytes, length }: TransportPdu, { kind, opened, unwrapped }: Learnt): string {
  if (kind === 'handshake') {
    const user = opened?.info.user ?? null;
    return `${handshakeText(bytes)}${opened?.info.type ? `  ${opened.info.type}` : ''}${user === null ? '' : `  ${user}`}`;
  }
  if (kind === 'inner') return `Data, ${length} bytes, not framed`;
  const stub = unwrapped?.stub ?? null;
  if (stub === null) return `Sealed data, ${length} bytes`;
  return `Data, ${stub.length} bytes${unwrapped?.decrypted ? ', decrypted' : ''}`;
}

/** Why nothing of the channel can be read, and whose it is. */
function unreadableText({ opened }: Learnt): string {
  const whose = opened?.info.user == null ? '' : ` of ${opened.info.user}`;
  return `the data on this channel${whose} is sealed and cannot be read: ${opened?.info.noKey ?? 'its authentication was not captured, or this message is not whole'}`;
}

/** Hands the clear data to the stream inside. */
function goOn(
  transport: TransportPdu,
  session: Session,
  inner: StreamProtocol,
  learnt: Learnt,
  clear: Range | null,
): void {
  const { connection, direction, afterGap, frames, time } = transport;
  const channel = connection.state.get(NNS_CHANNEL);
  if (learnt.kind === 'handshake') return;
  if (clear === null) {
    channel.carried?.gap(direction);
    return;
  }
  if (afterGap) channel.carried?.gap(direction);
  channel.carried ??= session.carriers.open(inner, {
    ends: connection.ends,
    client: connection.client,
    midstream: connection.midstream || channel.unreadable,
  });
  channel.carried.connection.state.get(PROTECTION).auth = authOf(learnt, channel.verified);
  const { source, start, end } = clear;
  const frame = frames[frames.length - 1];
  const pieces =
    source.kind === 'derived'
      ? [{ at: 0, length: end - start, frame, fileOffset: -1 }]
      : locate(clear).map((piece) => ({ ...piece, at: piece.at - start }));
  channel.carried.data(direction, { bytes: source.bytes.subarray(start, end), pieces, frame, time });
}

/** What protects the calls inside. */
function authOf({ kind, opened, unwrapped }: Learnt, verified: boolean | null): CallAuth {
  const decrypted = unwrapped?.decrypted ?? null;
  return {
    carrier: 'nns',
    type: opened?.info.type ?? null,
    level: kind === 'inner' ? Level.connect : decrypted === null ? Level.integrity : Level.privacy,
    user: opened?.info.user ?? null,
    decrypted,
    verified,
    isCut: false,
  };
}

/** Nothing more comes on the connection of a channel. */
export function closeNns(connection: Connection, capture: StateStore): void {
  const channel = connection.state.get(NNS_CHANNEL);
  forgetContext(channel, capture);
  channel.carried?.end();
}
