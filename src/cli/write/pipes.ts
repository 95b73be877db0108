/**
 * Messages with pipes inside (SMB), with the clear PDUs that went through these: a message waits until all PDUs that it
 * holds bytes of are known. A clear PDU is no longer than the sealed one, so it fits where that lay, one that was
 * spread over several messages too; what remains is taken away, and the message counts less.
 */

import type { Carried } from '../../../dissectors/pdu.js';
import { equals, joined, viewOf } from '../../core/bytes.js';
import type { Connection, TransportPdu } from '../../core/context.js';

/** A message, or what else keeps its place among them. */
interface Waiting {
  readonly transport: TransportPdu;
  readonly bytes: Uint8Array;
  readonly comments: string[];
  readonly parts: Part[];
  /** How many of them are not known yet. */
  open: number;
}

/** Bytes of a pipe in a message. */
interface Part extends Carried {
  readonly of: Waiting;
  /** Up to where PDUs are known. */
  at: number;
  /** What stands there in clear. */
  readonly clear: Uint8Array[];
}

/** Bytes of messages that wait: nothing waits for a PDU that does not end. */
const MOST_BYTES = 4 << 20;
const COST = 512;
/** What a PDU is known again by: a header of DCE/RPC (C706 12.6.3.1). */
const HEADER = 16;

/** Holds messages back, and hands them on in order. */
export class PipeMessages {
  private readonly waiting: Waiting[] = [];
  private readonly parts = new WeakMap<Connection, readonly [Part[], Part[]]>();
  private cost = 0;

  /** @param write takes a message: its bytes in clear */
  constructor(
    private readonly write: (transport: TransportPdu, bytes: Uint8Array, comments: readonly string[]) => void,
  ) {}

  /** A PDU that is in no pipe. */
  message(transport: TransportPdu, carried: readonly Carried[], bytes: Uint8Array, comments: readonly string[]): void {
    const message: Waiting = { transport, bytes, comments: [...comments], parts: [], open: carried.length };
    for (const each of carried) {
      const part: Part = { ...each, of: message, at: each.start, clear: [] };
      message.parts.push(part);
      this.partsOf(each.connection)[transport.direction].push(part);
    }
    this.waiting.push(message);
    this.cost += bytes.length + COST;
    this.handOn();
    while (this.cost > MOST_BYTES && this.waiting.length > 0) {
      this.give(this.waiting[0]);
      this.handOn();
    }
  }

  /** Whether a connection is that of a pipe in a message. */
  holds(connection: Connection): boolean {
    return this.parts.has(connection);
  }

  /** A PDU of a pipe. Returns whether it stands in messages as `clear` now. */
  pdu({ connection, direction, bytes }: TransportPdu, clear: Uint8Array, comments: readonly string[]): boolean {
    const parts = this.partsOf(connection)[direction];
    // what stands in front of it is no PDU
    while (parts.length > 0 && !beginsWith(parts, bytes)) settle(parts[0], parts);
    if (lengthOf(parts, bytes.length) < bytes.length) {
      this.handOn();
      return false;
    }
    // what it is shorter by goes from its first messages: it ends in the last one still
    let [left, at, less] = [bytes.length, 0, bytes.length - clear.length];
    while (left > 0) {
      const part = parts[0];
      const n = Math.min(left, part.end - part.at);
      const have = Math.max(0, n - less);
      part.clear.push(clear.subarray(at, at + have));
      at += have;
      less -= n - have;
      left -= n;
      part.at += n;
      if (left === 0) part.of.comments.push(...comments);
      if (part.at === part.end) close(part, parts);
    }
    this.handOn();
    return true;
  }

  /** Nothing more comes: PDUs that did not end stay as they are. */
  end(): void {
    for (const message of this.waiting) this.give(message);
    this.handOn();
  }

  private partsOf(connection: Connection): readonly [Part[], Part[]] {
    const known = this.parts.get(connection) ?? [[], []];
    this.parts.set(connection, known);
    return known;
  }

  /** Waits for no PDU of a message any more. */
  private give(message: Waiting): void {
    for (const part of message.parts)
      if (part.at < part.end) settle(part, this.partsOf(part.connection)[message.transport.direction]);
  }

  private handOn(): void {
    let n = 0;
    for (; n < this.waiting.length && this.waiting[n].open === 0; n++) {
      const { transport, bytes, comments, parts } = this.waiting[n];
      this.cost -= bytes.length + COST;
      this.write(transport, inClear(bytes, parts), comments);
    }
    if (n > 0) this.waiting.splice(0, n);
  }
}

/** Whether the bytes of parts that are not known yet begin as a PDU does. */
function beginsWith(parts: readonly Part[], pdu: Uint8Array): boolean {
  const wanted = Math.min(HEADER, pdu.length);
  let have = 0;
  for (const { of, at, end } of parts) {
    const n = Math.min(end - at, wanted - have);
    if (!equals(pdu.subarray(have, have + n), of.bytes, at)) return false;
    have += n;
    if (have === wanted) return true;
  }
  return false;
}

/** How many bytes of parts are not known yet; counted no further than asked. */
function lengthOf(parts: readonly Part[], asked: number): number {
  let n = 0;
  for (let i = 0; i < parts.length && n < asked; i++) n += parts[i].end - parts[i].at;
  return n;
}

/** The rest of the first part stays as it is. */
function settle(part: Part, parts: Part[]): void {
  part.clear.push(part.of.bytes.subarray(part.at, part.end));
  part.at = part.end;
  close(part, parts);
}

function close(part: Part, parts: Part[]): void {
  parts.shift();
  part.of.open--;
}

/** A message with what is clear in its parts: where they end with it, so does what remains of them, and zeros fill others. */
function inClear(bytes: Uint8Array, parts: readonly Part[]): Uint8Array {
  if (parts.length === 0) return bytes;
  const message = bytes.slice();
  const view = viewOf(message);
  let { length } = message;
  for (const { start, end, clear, counts } of parts) {
    const inside = joined(clear);
    message.set(inside, start);
    message.fill(0, start + inside.length, end);
    const less = end - start - inside.length;
    for (const { at, size } of counts)
      if (size === 2) view.setUint16(at, view.getUint16(at, true) - less, true);
      else view.setUint32(at, view.getUint32(at, true) - less, true);
    if (end === bytes.length) length -= less;
  }
  // the session service says the length of all in its low 24 bits (RFC 1002 4.3.1)
  view.setUint32(0, view.getUint32(0) - (bytes.length - length));
  return message.subarray(0, length);
}
