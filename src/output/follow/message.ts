/** What one side said: PDUs of a connection, or the halves of calls, as text and as JSON. */
import type { Call, Half } from '../../../dissectors/call.js';
import { valueText } from '../../../dissectors/dcom/value-text.js';
import { operationName, type Params, type Side } from '../../../dissectors/ndr/interface.js';
import type { Pdu } from '../../../dissectors/pdu.js';
import type { Connection, Time } from '../../core/context.js';
import type { Hosts } from '../../core/hosts.js';
import { afterText, isoTime } from '../../core/time.js';
import { describeCallText } from '../calls/text.js';
import { endsText, endsToJson } from '../ends.js';
import { foldTo } from '../line-width.js';
import type { SaidJson } from '../schemas/message.js';
import { type Paint, safe } from '../terminal.js';
import { pduSummary } from '../tree/summary.js';
import { valueToJson } from '../value.js';

/** One thing that was said. */
export interface Message {
  readonly connection: Connection;
  /** Which end said it. */
  readonly direction: 0 | 1;
  readonly frames: readonly number[];
  readonly time: Time;
  readonly summary: string;
  readonly call: Call | null;
  readonly values: Params | null;
  /** Bytes that it was made of. */
  readonly length: number;
}

/** A PDU as a message: what it completes has its values. */
export function pduMessage(pdu: Pdu): Message {
  const { transport, call, completes } = pdu;
  const { connection, direction, frames, time, bytes } = transport;
  const values = completes === 'request' ? call?.in : completes === 'response' ? call?.out : null;
  const summary = pduSummary(pdu);
  return { connection, direction, frames, time, summary, call, values: values ?? null, length: bytes.length };
}

/** A call as messages: its request, and what answered it, as far as they were seen. */
export function callMessages(call: Call): Message[] {
  const { connection, request, response, fault } = call;
  const { client } = connection;
  const message = (half: Half | null, side: Side, word: string): Message[] => {
    if (half === null) return [];
    const { frames, time, stub } = half;
    const summary = `${word}  ${describeCallText(call, side)}`;
    const direction = side === 'request' ? client : client === 0 ? 1 : 0;
    const values = side === 'request' ? call.in : call.out;
    return [{ connection, direction, frames, time, summary, call, values, length: stub?.length ?? 0 }];
  };
  return [
    ...message(request, 'request', 'Request'),
    ...message(response, 'response', fault === null ? 'Response' : 'Fault'),
  ];
}

/**
 * For people: `Frame 27  0.042 s  10.20.0.10:55308 → 10.20.0.20:49664  Request …`, and its values below, each on lines of at
 * most `room` columns.
 */
export function messageText(message: Message, began: Time, p: Paint, hosts: Hosts, room: number): string {
  const { frames, time, summary, values } = message;
  const place = frames.length > 1 ? `Frames ${frames[0]}–${frames.at(-1)}` : `Frame ${frames[0]}`;
  const head = `${place}  ${afterText(began, time)}  ${endsText(message, hosts)}`;
  const lines = Object.entries(values ?? {}).map(
    ([name, value]) => `    ${p.name(safe(name))} = ${p.text(safe(valueText(value)))}`,
  );
  const all = [`${p.offset(head)}  ${p.strong(safe(summary))}`, ...lines];
  return `${all.flatMap((line) => foldTo(line, room)).join('\n')}\n`;
}

/** For programs. */
export function messageToJson(message: Message, capture: string, full: boolean, hosts?: Hosts): SaidJson {
  const { connection, direction, frames, time, summary, call, values } = message;
  return {
    capture,
    frames: [...frames],
    time: isoTime(time),
    from: direction === connection.client ? 'client' : 'server',
    ...endsToJson(message, hosts),
    summary,
    interface: call === null ? null : (call.iface?.name ?? call.iid),
    operation: call === null ? null : operationName(call),
    object: call?.object ?? null,
    causality: call?.causality ?? null,
    values: values === null ? null : (valueToJson(values, { full }) as SaidJson['values']),
  };
}
