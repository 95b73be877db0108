/**
 * Remoting calls: a request is answered by the next reply on its connection (MS-NRTP 3.1.5.1, 3.2.5.1), so that what waits
 * is a queue.
 */
import { type Connection, type StateStore, stateKey } from '../../src/core/context.js';
import type { Cursor } from '../../src/core/cursor.js';
import type { DataSource } from '../../src/core/source.js';
import { cut } from '../../src/core/text.js';
import { type Call, emptyCall, type Half } from '../call.js';
import type { Side } from '../ndr/interface.js';
import { KIND } from '../ndr/kinds.js';
import type { Pdu } from '../pdu.js';
import type { Session } from '../session.js';
import { endCall, keepCall, openCall } from '../waiting.js';
import { type Content, readContent } from './content.js';
import { isThrown, methodAsOperation, targetOf, typeAsInterface } from './operation.js';

/** A message, whatever carried it. */
export interface RemotingMessage {
  readonly side: Side;
  /** Of a request: the object. */
  readonly uri: string | null;
  /** Whether a request says that nobody answers it, or an empty answer does. */
  readonly oneWay: boolean;
  /** Whether an answer came before the end of its request. */
  readonly isEarly: boolean;
  /** Of an answer: the transport's own fault, in place of content. */
  readonly fault: { readonly code: number; readonly text: string } | null;
  /** What there is of the content, and whether that is all. */
  readonly content: DataSource | null;
  readonly isWhole: boolean;
  /** What the transport says of the content: its type, and of SOAP the method; null where it does not. */
  readonly contentType: string | null;
  readonly action: string | null;
}

/** What one end of a channel has asked. */
export interface AskedCalls {
  /** Calls without an answer, by their numbers; not those that were forgotten. */
  readonly open: Map<number, Call>;
  /** The last one-way call, if any: servers may answer it all the same. */
  readonly oneWay: Map<number, Call>;
  /** Numbers of the next call, and of that which the next answer is of. */
  next: number;
  answered: number;
  /** An answer that came before the end of its request, which is still to come. */
  early: Reply | null;
}

const nothingAsked = (): AskedCalls => ({ open: new Map(), oneWay: new Map(), next: 0, answered: 0, early: null });

/** What is known of a channel: a connection that messages go over. */
export interface Channel {
  /** What each end has asked, by the direction of the request: nobody answers what it asked itself. */
  readonly asked: readonly [AskedCalls, AskedCalls];
}

export const CHANNEL = stateKey(
  'remoting.channel',
  (): Channel => ({
    asked: [nothingAsked(), nothingAsked()],
  }),
);

/** Takes a message: its content is read, and it opens or ends a call. */
export function takeMessage(c: Cursor, pdu: Pdu, session: Session, message: RemotingMessage): void {
  const channel = pdu.transport.connection.state.get(CHANNEL);
  const { content: source, side, isWhole } = message;
  const bytes = source?.bytes ?? NOTHING;
  const claimed = isWhole ? bytes.length : bytes.length + 1;
  const content = source && readContent(c, source, claimed, side, session.capture);
  if (content !== null) checkContent(pdu, message, content);
  const half = halfOf(pdu, message, bytes, content);
  if (message.side === 'request') takeRequest(pdu, session, channel, message, { half, content });
  else takeReply(pdu, session, channel, message, { half, content });
}

const NOTHING = new Uint8Array(0);

/** Says where the content is not what the transport says: receivers read it by that, or refuse it. */
function checkContent(pdu: Pdu, { side, contentType, action }: RemotingMessage, content: Content): void {
  const type = contentType?.split(';')[0].trim().toLowerCase();
  if (type !== undefined && FORMATTERS[type] !== undefined && FORMATTERS[type] !== content[KIND])
    pdu.note('content-type', `the content type is ${type}, and the content ${NAMES[content[KIND]]}`);
  if (content[KIND] === 'soap') {
    const { kind, method } = content.soap;
    const asked = action === null ? null : /#([^#"]*)"?\s*$/.exec(action);
    const named = asked === null ? method : percentDecoded(asked[1]);
    if (kind === 'call' && named !== method)
      pdu.note(
        'soap-action',
        `SOAPAction names the method ${cut(named, 60)}, and the content calls ${cut(method, 60)}`,
      );
    return;
  }
  const { message } = content.nrbf;
  if (message !== null && (message.type === METHOD_CALL) !== (side === 'request'))
    pdu.note(
      'wrong-content',
      side === 'request' ? 'a request with the content of an answer' : 'an answer with the content of a request',
    );
}

/** Formatters by the content types that are theirs (MS-NRTP 2.2.3.3.3). */
const FORMATTERS: Readonly<Record<string, Content[typeof KIND] | undefined>> = {
  'application/octet-stream': 'nrbf',
  'text/xml': 'soap',
};
const NAMES = { nrbf: 'a stream of the binary formatter', soap: 'SOAP' };
const METHOD_CALL = 21;

/** Text of a part of a URI; as it stands where it is none. */
function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A half of a call, and what it holds. */
interface ReadHalf {
  readonly half: Half;
  readonly content: Content | null;
}

/** An answer. */
interface Reply extends ReadHalf {
  readonly message: RemotingMessage;
}

function takeRequest(
  pdu: Pdu,
  session: Session,
  channel: Channel,
  message: RemotingMessage,
  { half, content }: ReadHalf,
): void {
  const { transport } = pdu;
  const call: Call = { ...emptyCall(transport.connection), syntax: 'NRBF' };
  call.object = message.uri;
  call.oneWay = message.oneWay;
  call.request = half;
  call.requestFrame = transport.frames[transport.frames.length - 1];
  call.in = paramsOf(content, message.isWhole);
  if (content !== null) tellTarget(call, content);
  pdu.call = call;
  pdu.begins = true;
  pdu.completes = 'request';
  const asked = channel.asked[transport.direction];
  const { open, oneWay } = asked;
  if (message.oneWay) {
    call.open = false;
    takeOldest(oneWay, session.capture);
    oneWay.set(0, call);
    keepCall({ session, transport, pdu }, call, oneWay, 0);
    return;
  }
  const { early } = asked;
  if (transport.afterGap && asked.answered < asked.next) tellGuess(pdu);
  openCall({ session, transport, pdu }, open, asked.next++, call);
  asked.early = null;
  if (early !== null && takeNext(asked, session.capture) !== null) answer(call, early);
}

function takeReply(
  pdu: Pdu,
  session: Session,
  channel: Channel,
  message: RemotingMessage,
  { half, content }: ReadHalf,
): void {
  const { capture } = session;
  // one call at a time: where answers were lost, this is that of the last request
  const asked = channel.asked[pdu.transport.direction === 0 ? 1 : 0];
  if (pdu.transport.afterGap && asked.next - asked.answered > 1) {
    tellGuess(pdu);
    while (asked.next - asked.answered > 1) takeNext(asked, capture);
  }
  const waits = asked.answered < asked.next;
  const call = waits ? takeNext(asked, capture) : answered(asked, pdu, capture);
  if (call === null && !waits && message.isEarly) {
    asked.early = { half, content, message };
    return;
  }
  if (call === null) {
    // nothing says what was called: no call, but a message that is shown
    pdu.note('request-not-seen', 'the request of this answer was not captured');
    return;
  }
  answer(call, { half, content, message });
  pdu.call = call;
  pdu.completes = message.fault === null ? 'response' : 'fault';
}

function answer(call: Call, { half, content, message }: Reply): void {
  call.open = false;
  call.oneWay ||= message.oneWay;
  call.response = half;
  tellAnswer(call, content, message.isWhole);
  if (message.fault !== null) {
    call.fault = message.fault.code;
    call.faultText = message.fault.text;
  }
}

/** Several calls waited at once when messages were lost. */
function tellGuess(pdu: Pdu): void {
  pdu.note('answer-unsure', 'messages were lost while several calls waited: whose answer is whose is a guess');
}

/** The call that is answered next; null where it was forgotten. */
function takeNext(asked: AskedCalls, capture: StateStore): Call | null {
  const key = asked.answered++;
  const call = asked.open.get(key);
  asked.open.delete(key);
  endCall(capture, call);
  return call ?? null;
}

function takeOldest(calls: Map<number, Call>, capture: StateStore): Call | null {
  for (const [key, call] of calls) {
    calls.delete(key);
    endCall(capture, call);
    return call;
  }
  return null;
}

/** A one-way call that was answered although nobody waits: Mono does so where the method returns something. */
function answered({ oneWay }: AskedCalls, pdu: Pdu, capture: StateStore): Call | null {
  const call = takeOldest(oneWay, capture);
  if (call !== null) pdu.note('answered-one-way', 'the answer of a one-way request, which should have none');
  return call;
}

/** Says whose method is called. */
export function tellTarget(call: Call, content: Content): void {
  const { type, method } = targetOf(content);
  call.syntax = content[KIND] === 'soap' ? 'SOAP' : 'NRBF';
  if (type !== '') {
    call.iface = typeAsInterface(type);
    call.interfaceFrom = 'message';
  }
  if (method !== '') call.operation = methodAsOperation(method);
}

/** Says what came back. */
export function tellAnswer(call: Call, content: Content | null, isWhole: boolean): void {
  call.out = paramsOf(content, isWhole);
  if (content !== null) call.threw = isThrown(content);
}

/** What a message holds, by its formatter; nothing of one that is cut. */
export function paramsOf(content: Content | null, isWhole: boolean): Call['in'] {
  return content === null || !isWhole ? {} : { [content[KIND]]: content };
}

function halfOf({ transport }: Pdu, { isWhole }: RemotingMessage, bytes: Uint8Array, content: Content | null): Half {
  const { frames, time, pieces, bytes: message } = transport;
  const told = content?.[KIND] === 'soap' ? content.soap : content?.nrbf;
  return {
    frames: [...frames],
    time,
    littleEndian: true,
    pieces,
    stub: isWhole ? bytes : null,
    cut: isWhole ? null : { bytes, length: bytes.length + 1 },
    isDecoded: isWhole && (told?.complete ?? bytes.length === 0),
    message: isWhole ? message : null,
    layout: null,
    trailer: null,
    objrefs: [],
  };
}

/** Nothing more comes on a channel: its calls wait no longer. */
export function closeChannel(connection: Connection, capture: StateStore): void {
  const { asked } = connection.state.get(CHANNEL);
  for (const calls of asked.flatMap(({ open, oneWay }) => [open, oneWay])) while (takeOldest(calls, capture) !== null);
}
