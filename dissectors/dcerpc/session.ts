/** What the dissection of PDUs works with: the capture's session, the PDU at hand, a fragment of a call. */
import type { StateStore, TransportPdu } from '../../src/core/context.js';
import { Cursor } from '../../src/core/cursor.js';
import type { Carriers } from '../../src/core/dissector.js';
import { type LimitName, type Limits, limitMessage } from '../../src/core/limits.js';
import type { Node } from '../../src/core/node.js';
import { Recording } from '../../src/core/recording.js';
import type { DataSource } from '../../src/core/source.js';
import { before, isDate, timeText } from '../../src/core/time.js';
import type { SecurityContext, SecurityNote, Unprotected } from '../../src/security/index.js';
import type { RpcInterface, Side } from '../ndr/interface.js';
import type { Association, Call, Security } from './connection.js';
import type { Header } from './pdu.js';

/** What a bind, its answer or its refusal was about. */
export interface BindSummary {
  /** The association group that is asked for or given, 0 for a new one; null in a bind_nak. */
  readonly associationGroup: number | null;
  readonly interfaces: string[];
  readonly results: string[];
  /** Interfaces that the server refused in every syntax. */
  readonly refused: RefusedInterface[];
}

/** An interface that a bind or alter_context asked for in vain; `iid` is null where the offer was not captured. */
export interface RefusedInterface {
  readonly iid: string | null;
  /** Its name, or the IID where it has none here. */
  readonly name: string;
  readonly version: string | null;
  readonly reason: string;
}

/** What all PDUs of a capture share. */
export interface Session {
  readonly capture: StateStore;
  /** Known interfaces by UUID. */
  readonly interfaces: ReadonlyMap<string, RpcInterface>;
  /** A context for the first token of an auth_context_id. */
  newSecurity(authType: number, level: number): SecurityContext;
  /** Whether there are secrets, so that keys may come to be known. */
  readonly hasSecrets: boolean;
  /** IIDs that the user names, by context id or IPID. */
  readonly decodeAs: ReadonlyMap<string, string>;
  readonly limits: Limits;
  /** Makes streams inside PDUs. */
  readonly carriers: Carriers;
  /** Whether nobody asks for PDUs that no call comes of. */
  readonly callsAlone: boolean;
}

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
  /** Limits of what is kept that were met by it. */
  readonly limits: LimitName[];
  /** Adds a warning about the PDU, and to its call. */
  note(code: string, message: string): void;
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
    limits: [],
    note: (code, message) => c.note(code, message),
  };
}

/** The PDU's own bytes under a cursor, and the books of its dissection. */
export function pduCursor(transport: TransportPdu, limits: Limits, record: boolean): Cursor {
  const source: DataSource = { kind: 'captured', name: 'PDU', bytes: transport.bytes, pieces: transport.pieces };
  return new Cursor(source, new Recording(record, limits), transport.length);
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
  if (!isDate(time)) note('time-out-of-range', `captured ${timeText(time)}, which is no date`);
  if (completes === null || call === null || call.request === null || call.response === null) return;
  if (before(call.response.time, call.request.time))
    note('time-backwards', 'the answer was captured at an earlier time than its request');
}

/** What a fragment's dissection works with. */
export interface Fragment {
  readonly session: Session;
  readonly transport: TransportPdu;
  readonly association: Association;
  readonly header: Header;
  readonly pdu: Pdu;
}
