/** What the reading of a message works with, whichever SMB it is of. */
import type { StateStore, TransportPdu } from '../../src/core/context.js';
import type { Carriers, StreamProtocol } from '../../src/core/dissector.js';
import type { Limits } from '../../src/core/limits.js';
import type { Note } from '../../src/core/node.js';
import type { Range } from '../../src/core/source.js';
import type { SecurityContext } from '../../src/security/index.js';
import type { CallAuth } from '../call.js';
import type { Count } from '../pdu.js';
import type { Memory, Pipe, SmbSession } from './state.js';

/** What a message does to a pipe. */
export type Effect =
  | {
      readonly does: 'data';
      readonly pipe: Pipe;
      readonly range: Range;
      /** All that the message says of how much it is; none where it cannot be less. */
      readonly counts: readonly Count[];
      readonly auth: CallAuth;
    }
  /** Bytes are missing, or nothing more comes. */
  | { readonly does: 'gap' | 'end'; readonly pipe: Pipe };

/** What SMB needs of the capture's session. */
export interface SmbAround {
  readonly capture: StateStore;
  readonly limits: Limits;
  /** Makes streams in pipes. */
  readonly carriers: Carriers;
  /** Whether nobody asks for PDUs that no call comes of. */
  readonly callsAlone: boolean;
  /** Whether keys may come to be known. */
  readonly hasSecrets: boolean;
  /** A context for tokens of a session's setup, by auth_type as DCE/RPC has it (MS-RPCE 2.2.1.1.7). */
  newSecurity(authType: number, level: number): SecurityContext;
}

/** One PDU being read. */
export interface Reading {
  readonly session: SmbAround;
  /** What goes through pipes: DCE/RPC. */
  readonly inner: StreamProtocol;
  readonly transport: TransportPdu;
  readonly memory: Memory;
  /** What it does to pipes, in order. */
  readonly effects: Effect[];
  /** What its messages are, for people. */
  readonly says: string[];
  /** The message in it that was encrypted, where a key opened it. */
  readonly clear: Uint8Array | null;
  /** The session that the message at hand is of, null where its setup was not captured; and whether the message is signed. */
  works: SmbSession | null;
  isSigned: boolean;
  /** The frame that completed it. */
  readonly frame: number;
  /** Says what depends on all that came before the PDU, and not on the PDU and what it looked up alone. */
  learnt(note: Note): void;
  /** The security context of a session's setup in it. */
  setup: SecurityContext | null;
}
