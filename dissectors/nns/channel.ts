/** What is known of a NegotiateStream channel (MS-NNS 3): who authenticated, and what opens its messages. */
import { equals } from '../../src/core/bytes.js';
import { type StateStore, stateKey, type TransportPdu } from '../../src/core/context.js';
import type { CarriedStream } from '../../src/core/dissector.js';
import { Ledger } from '../../src/core/ledger.js';
import {
  type Opened,
  type SecurityContext,
  type SecurityNote,
  type Unprotected,
  wrapTokenLength,
} from '../../src/security/index.js';
import { tellLimit } from '../limits.js';
import type { Pdu } from '../pdu.js';
import type { Session } from '../session.js';
import { type DataPlace, type MessageKind, messageKind, payloadOf, SPNEGO_AUTH, tokenOf } from './frame.js';

/** A channel. */
export interface NnsChannel {
  /** Null before the first token, and where it was given up. */
  context: SecurityContext | null;
  /** Length of its tokens so far. */
  tokenBytes: number;
  /** The clear data, once there was some. */
  carried: CarriedStream | null;
  /** Data that could not be read: said once. */
  unreadable: boolean;
  /** Whether everything that was signed checks. */
  verified: boolean | null;
  /** Set where a message is described that was dissected before: what it told then. */
  recalled: Learnt | null;
}

export const NNS_CHANNEL = stateKey(
  'nns.channel',
  (): NnsChannel => ({
    context: null,
    tokenBytes: 0,
    carried: null,
    unreadable: false,
    verified: null,
    recalled: null,
  }),
);

/** What a channel told of a message, as plain data: all that its description asks for beside its bytes. */
export interface Learnt {
  readonly kind: MessageKind;
  /** Whose channel it is, as known behind this message; null where no token was seen. */
  readonly opened: Opened | null;
  readonly notes: readonly SecurityNote[];
  /** What became of a data message; null of others, and of one that was cut. */
  readonly unwrapped: Unprotected | null;
  /** The first one of its channel that cannot be read. */
  readonly firstUnreadable: boolean;
}

/** Takes a message into account, in the order of the capture. */
export function learn(transport: TransportPdu, session: Pick<Session, 'newSecurity'>): Learnt {
  const { connection, direction, bytes, length, afterGap } = transport;
  const channel = connection.state.get(NNS_CHANNEL);
  const kind = messageKind(bytes);
  let notes: readonly SecurityNote[] = [];
  let unwrapped: Unprotected | null = null;
  const token = kind === 'handshake' ? tokenOf(bytes) : null;
  if (token !== null && startsExchange(token)) connection.client = direction;
  const from = direction === connection.client ? 'client' : 'server';
  if (afterGap) channel.context?.lost(from);
  if (token !== null && token.length > 0) {
    channel.context ??= session.newSecurity(SPNEGO_AUTH, 0);
    notes = channel.context.token(from, token);
  }
  if (kind === 'data') {
    const payload = payloadOf(bytes);
    if (bytes.length < length) channel.context?.lost(from, length - bytes.length + payload.length - 16, 1);
    else unwrapped = channel.context?.unwrap(from, payload) ?? null;
    if (unwrapped !== null) {
      notes = unwrapped.notes;
      if (unwrapped.verified !== null) channel.verified = channel.verified !== false && unwrapped.verified;
    }
  }
  const isUnreadable = kind === 'data' && (unwrapped === null || unwrapped.stub === null);
  const firstUnreadable = isUnreadable && !channel.unreadable;
  channel.unreadable ||= isUnreadable;
  const { context } = channel;
  const opened = context === null ? null : { info: { ...context.info }, opened: [...(context.opened ?? [])] };
  return { kind, opened, notes, unwrapped, firstUnreadable };
}

/** Whether a token is the first of an exchange: a client's. */
function startsExchange(token: Uint8Array): boolean {
  return token[0] === 0x60 || token[0] === 0x6e || (token[0] === 0x4e && token[8] === 1);
}

/** Where clear data lies in the bytes of its message; null where it was decrypted. */
export function placeOf(bytes: Uint8Array, { stub }: Unprotected): DataPlace | null {
  if (stub === null) return null;
  const payload = payloadOf(bytes);
  const start = bytes.length - payload.length + wrapTokenLength(payload);
  return equals(stub, bytes, start) ? { start, end: start + stub.length } : null;
}

const CHANNELS = stateKey('nns.kept-channels', () => new Ledger<NnsChannel, null>());

/** What a context costs beside its tokens, about: states of RC4, and what was read. */
const CONTEXT_COST = 2048;

/** A channel's context grew by a token; those of others may have to go for it. */
export function keepContext(transport: TransportPdu, session: Session, pdu: Pdu): void {
  const channel = transport.connection.state.get(NNS_CHANNEL);
  channel.tokenBytes += transport.bytes.length;
  const kept = session.capture.get(CHANNELS);
  kept.set(channel, null, channel.tokenBytes + CONTEXT_COST);
  const isOver = kept.keepTo(session.limits.contextBytes, (other) => {
    other.context = null;
  });
  if (isOver) tellLimit({ session, transport, pdu }, 'contextBytes');
}

/** A channel's context is asked no more. */
export function forgetContext(channel: NnsChannel, capture: StateStore): void {
  capture.get(CHANNELS).delete(channel);
}
