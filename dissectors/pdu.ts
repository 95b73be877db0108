/** A dissected PDU of whatever protocol, and how its dissection begins and ends. */
import type { Connection, TransportPdu } from '../src/core/context.js';
import { Cursor } from '../src/core/cursor.js';
import { type LimitName, type Limits, limitMessage } from '../src/core/limits.js';
import type { Node } from '../src/core/node.js';
import { Recording } from '../src/core/recording.js';
import type { DataSource } from '../src/core/source.js';
import { before, isDate, isTold, timeText } from '../src/core/time.js';
import type { SecurityNote, Unprotected } from '../src/security/index.js';
import type { Call } from './call.js';
import type { BindSummary, Security } from './dcerpc/association.js';
import type { Header } from './dcerpc/pdu.js';
import type { Side } from './ndr/interface.js';
import type { Session } from './session.js';

/** One dissected PDU. */
export interface Pdu {
  readonly transport: TransportPdu;
  readonly recording: Recording;
  /** As the column of that name says it: `DCERPC`, `NRTP`, `HTTP`, `SMB2`. */
  readonly protocol: string;
  /** What it is, for people, where it is none of DCE/RPC; what its call says follows by itself. */
  says: string | null;
  /** Of DCE/RPC, as is `bind`. Null where not even the header could be read. */
  header: Header | null;
  /** The tree's node of the header, up to the stub; null while not recording. */
  head: Node | null;
  /** The call that a request, response, fault, cancel or orphaned belongs to. */
  call: Call | null;
  /** Whether it is its call's first fragment. */
  begins: boolean;
  /** Which half of its call it completes. */
  completes: Side | 'fault' | null;
  /** What a bind, alter_context or their answer was about. */
  bind: BindSummary | null;
  /** The security context that a token in it was for, and what that found odd. */
  security: Security | null;
  tokenNotes: readonly SecurityNote[];
  /** What became of its protected bytes. */
  unprotected: Unprotected | null;
  /** Of an encrypted message of SMB 3: the clear one, its session service's header in front. */
  opened: Uint8Array | null;
  /** Bytes in it of streams inside of it, beside its own matter. */
  readonly carried: Carried[];
  /** Limits of what is kept that were met by it. */
  readonly limits: LimitName[];
  /** Adds a warning about the PDU, and to its call. */
  note(code: string, message: string): void;
}

/** Bytes of a stream inside of a PDU. Offsets count in what was opened, or else in the PDU. */
export interface Carried {
  readonly connection: Connection;
  readonly start: number;
  readonly end: number;
  readonly counts: readonly Count[];
}

/** A number in a PDU that counts bytes further on, little endian. */
export interface Count {
  readonly at: number;
  readonly size: 2 | 4;
}

/** A PDU of which nothing is read yet. */
export function newPdu(protocol: string, transport: TransportPdu, c: Cursor): Pdu {
  return {
    transport,
    recording: c.recording,
    protocol,
    says: null,
    header: null,
    head: null,
    call: null,
    begins: false,
    completes: null,
    bind: null,
    security: null,
    tokenNotes: [],
    unprotected: null,
    opened: null,
    carried: [],
    limits: [],
    note: (code, message) => c.note(code, message),
  };
}

/** The PDU's own bytes under a cursor, and the books of its dissection. */
export function pduCursor(transport: TransportPdu, limits: Limits, record: boolean): Cursor {
  const source: DataSource = { kind: 'captured', name: 'PDU', bytes: transport.bytes, pieces: transport.pieces };
  return new Cursor(source, new Recording(record, limits), transport.length);
}

/** Dissects a PDU. Nodes are made only when `record` is set; what was learnt stays in the stores either way. */
export type Dissect = (
  transport: TransportPdu,
  session: Session,
  record: boolean,
  /** Limits that it is known to meet. */
  limits?: readonly LimitName[],
) => Pdu;

/**
 * Makes what dissects a protocol's PDUs of what reads one.
 * @param protocol as the column of that name says it
 * @param read never throws: it reads inside a frame
 */
export function dissecting(protocol: string, read: (c: Cursor, pdu: Pdu, session: Session) => void): Dissect {
  return (transport, session, record, limits = []) => {
    const c = pduCursor(transport, session.limits, record);
    const pdu = newPdu(protocol, transport, c);
    pdu.limits.push(...limits);
    read(c, pdu, session);
    closePdu(pdu, session.limits);
    return pdu;
  };
}

/** Closes the books of a PDU: limits that it met are said, and its call is told its warnings. */
export function closePdu(pdu: Pdu, limits: Limits): void {
  const { recording, call } = pdu;
  for (const name of pdu.limits)
    recording.notes.push({ code: 'limit', message: limitMessage(name, limits), offset: null, source: null });
  checkTimes(pdu, call);
  if (call !== null && recording.notes.length > 0)
    for (const note of recording.notes) if (call.warnings.length < 100) call.warnings.push(note);
  recording.finish();
}

/** Times that cannot be told as dates, and answers from before their requests, are said. */
function checkTimes({ transport, completes, note }: Pdu, call: Call | null): void {
  const { time } = transport;
  if (isTold(time) && !isDate(time)) note('time-out-of-range', `captured ${timeText(time)}, which is no date`);
  if (completes === null || call === null || call.request === null || call.response === null) return;
  if (before(call.response.time, call.request.time))
    note('time-backwards', 'the answer was captured at an earlier time than its request');
}

/** A cursor for a stub that is read once more. */
export function stubCursor(bytes: Uint8Array, length: number, littleEndian: boolean, limits: Limits): Cursor {
  const source: DataSource = { kind: 'captured', name: 'Stub', bytes, pieces: [] };
  const c = new Cursor(source, new Recording(false, limits), length);
  c.littleEndian = littleEndian;
  return c;
}
