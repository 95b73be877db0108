/** What is known of one DCE/RPC association: contexts, security and calls that wait for their answer. */
import { stateKey } from '../../src/core/context.js';
import type { Range } from '../../src/core/source.js';
import type { SecurityContext } from '../../src/security/index.js';
import type { Call } from '../call.js';
import type { Syntax } from '../ndr/syntax.js';

/** A presentation context as it was bound. */
export interface PresentationContext {
  readonly id: number;
  readonly iid: string;
  readonly version: string;
  readonly syntax: Syntax;
  /** False while only offered, because the answer was not captured, and where it was refused. */
  readonly accepted: boolean;
  /** Why the server refused it; null where it did not. */
  readonly refused: string | null;
  /** Set where several syntaxes were offered and no answer tells which it is. */
  readonly isSyntaxGuessed: boolean;
  /** The frame of the bind or alter_context that offered it; null where nobody negotiates. */
  readonly frame: number | null;
}

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

/** A security context and what its tokens and trailers said. */
export interface Security {
  readonly context: SecurityContext;
  readonly authType: number;
  readonly level: number;
  readonly id: number;
  /** Length of its tokens so far. */
  tokenBytes: number;
}

/** A stub of which fragments are missing. */
export interface Unfinished {
  readonly parts: Part[] | Map<number, Part>;
  length: number;
  cost: number;
  /** What went wrong so far: the stub then is not decoded. */
  damaged: 'encrypted' | 'truncated' | 'incomplete' | 'limit' | null;
}

/** What every fragment of one direction of a call says, and says as the first does. */
export interface FragmentHead {
  readonly contextId: number;
  readonly opnum: number | null;
  /** Null where it names none. */
  readonly object: string | null;
  readonly littleEndian: boolean;
  /** Level of its protection (MS-RPCE 2.2.1.1.8), 0 without a trailer; null where that was not captured. */
  readonly level: number | null;
}

/** Fragments of one direction of a call that are not whole yet. */
export interface Assembly extends Unfinished {
  readonly parts: Part[];
  readonly head: FragmentHead;
}

/** One fragment's stub bytes. */
export interface Part {
  readonly bytes: Uint8Array;
  readonly range: Range;
  readonly frames: readonly number[];
}

/** An answer that was captured before its request: networks and taps reorder. */
export interface EarlyAnswer {
  readonly call: Call;
  /** The frame that completed it. */
  readonly frame: number;
}

/** State of an association. */
export interface Association {
  readonly contexts: Map<number, PresentationContext>;
  /** Contexts of a bind or alter_context that waits for its answer, by `callKey`. */
  readonly offers: Map<number, PresentationContext[][]>;
  readonly security: Map<number, Security>;
  headerSign: boolean;
  /** Calls without an answer, by `callKey`, oldest first. */
  readonly calls: Map<number, Call>;
  /** Answers whose request was not seen yet, by `callKey`. */
  readonly early: Map<number, EarlyAnswer>;
  readonly requests: Map<number, Assembly>;
  readonly responses: Map<number, Assembly>;
  /** NDR64 only: whether ORPCTHIS and ORPCTHAT are in NDR64 too (go-msrpc), once it was clear. */
  orpc64: boolean | null;
}

/** An association of which nothing is known yet. */
export function newAssociation(): Association {
  return {
    contexts: new Map(),
    offers: new Map(),
    security: new Map(),
    headerSign: false,
    calls: new Map(),
    early: new Map(),
    requests: new Map(),
    responses: new Map(),
    orpc64: null,
  };
}

export const ASSOCIATION = stateKey('dcerpc.association', newAssociation);
