/** A channel of NegotiateStream with NTLM (MS-NNS 2.2): its handshake, and bytes sealed into data messages. */
import { MessageId } from '../../../dissectors/nns/frame.js';
import { concat, dword, word, zeros } from '../../core/bytes.js';
import type { NtlmExchange } from './ntlm.js';

/** What .NET puts into a data message at most. */
const MOST_CLEAR = 0xfc00;

/** A message and who sends it. */
export interface NnsMessage {
  readonly from: 'client' | 'server';
  readonly bytes: Uint8Array;
}

/** A handshake message (2.2.1). */
export function nnsHandshake(id: number, payload: Uint8Array): Uint8Array {
  return concat([id, 1, 0], word(payload.length, false), payload);
}

/** A data message (2.2.2) around what the mechanism wrapped. */
export function nnsData(wrapped: Uint8Array): Uint8Array {
  return concat(dword(wrapped.length, true), wrapped);
}

/** The messages in which both ends agree, NTLM's own tokens in them. */
export function nnsExchange({ negotiate, challenge, authenticate }: NtlmExchange): NnsMessage[] {
  return [
    { from: 'client', bytes: nnsHandshake(MessageId.inProgress, negotiate) },
    { from: 'server', bytes: nnsHandshake(MessageId.inProgress, challenge) },
    { from: 'client', bytes: nnsHandshake(MessageId.done, authenticate) },
    { from: 'server', bytes: nnsHandshake(MessageId.done, zeros(0)) },
  ];
}

/** Seals what one end sends, in as many messages as it takes. */
export function nnsSealed({ session }: NtlmExchange, from: NnsMessage['from'], bytes: Uint8Array): Uint8Array {
  const messages: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += MOST_CLEAR)
    messages.push(nnsData(session.wrap(from, bytes.subarray(at, at + MOST_CLEAR))));
  return concat(...messages);
}
