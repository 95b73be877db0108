/** What the dissection of PDUs works with: the capture's session, the PDU at hand, a fragment of a call. */
import type { StateStore, TransportPdu } from '../../src/core/context.js';
import type { LimitName, Limits } from '../../src/core/limits.js';
import type { Node } from '../../src/core/node.js';
import type { Recording } from '../../src/core/recording.js';
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
  /** IIDs that the user names, by context id or IPID. */
  readonly decodeAs: ReadonlyMap<string, string>;
  readonly limits: Limits;
}

/** One dissected PDU. */
export interface Pdu {
  readonly transport: TransportPdu;
  readonly recording: Recording;
  /** Null where not even the header could be read. */
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

/** What a fragment's dissection works with. */
export interface Fragment {
  readonly session: Session;
  readonly transport: TransportPdu;
  readonly association: Association;
  readonly header: Header;
  readonly pdu: Pdu;
}
