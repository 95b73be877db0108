/** What is known of one DCE/RPC association: contexts, security and calls that wait for their answer. */
import { type Connection, stateKey, type Time } from '../../src/core/context.js';
import type { Note } from '../../src/core/node.js';
import type { Piece, Range } from '../../src/core/source.js';
import type { SecurityContext } from '../../src/security/index.js';
import type { ErrorInfo } from '../dcom/error-info.js';
import type { Objref } from '../dcom/objref.js';
import type { Params, RpcInterface, RpcOperation } from '../ndr/interface.js';
import type { Syntax } from '../ndr/syntax.js';
import type { ExtendedError } from './eerr.js';
import type { StubLayout } from './stub.js';
import type { VerificationTrailer } from './verification.js';

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

/** A security context and what its tokens and trailers said. */
export interface Security {
  readonly context: SecurityContext;
  readonly authType: number;
  readonly level: number;
  readonly id: number;
  /** Length of its tokens so far. */
  tokenBytes: number;
}

/** Where a call's interface is known from. */
export type InterfaceFrom = 'bind' | 'ipid' | 'user' | 'guess' | 'message' | 'unknown';

/** One direction of a call: its fragments put together. */
export interface Half {
  readonly frames: number[];
  /** When its last fragment was captured (its first one's, for a request). */
  readonly time: Time;
  /** Byte order of the PDU that ended it. */
  readonly littleEndian: boolean;
  /** Runs of the capture file that hold the PDU that ended it; none while its end was not seen. */
  readonly pieces: readonly Piece[];
  /** Clear stub without auth padding and verification trailer; null where it was not seen whole or not decrypted. */
  readonly stub: Uint8Array | null;
  /** What there is of a stub that was read although its end was not captured, and the length that it should have. */
  readonly cut: { readonly bytes: Uint8Array; readonly length: number } | null;
  /** The whole message whose content the stub is; null in DCE/RPC, and where it is not whole. */
  readonly message: Uint8Array | null;
  /** How the stub is laid out; null where none was read. */
  readonly layout: StubLayout | null;
  /** What a request repeats of itself behind its stub (MS-RPCE 2.2.2.13). */
  readonly trailer: VerificationTrailer | null;
  /** OBJREFs with an IPID that its parameters hold, in the order of the bytes. */
  readonly objrefs: readonly Objref[];
}

/** What is protected about a call, over all its fragments. */
export interface CallAuth {
  readonly type: string | null;
  readonly level: number;
  readonly user: string | null;
  decrypted: boolean | null;
  verified: boolean | null;
  /** Whether a verifier was not captured: then nobody knows the level. */
  isCut: boolean;
}

/** A remote call: request, and response or fault. */
export interface Call {
  readonly connection: Connection;
  /** Of DCE/RPC, as is `contextId`; messages of remoting have neither. */
  readonly callId: number | null;
  readonly contextId: number | null;
  /** Nobody answers it: a maybe call, a one-way message. */
  oneWay: boolean;
  /** Null where nothing tells it: an answer without its request, a message of remoting. */
  opnum: number | null;
  iface: RpcInterface | null;
  iid: string | null;
  interfaceFrom: InterfaceFrom;
  /** The frame that offered its presentation context; null where that was not seen. */
  boundIn: number | null;
  operation: RpcOperation | null;
  /** How its halves are encoded. */
  syntax: Syntax | 'NRBF' | 'SOAP';
  /** The object that is called: an object UUID or IPID, or a URI. */
  object: string | null;
  causality: string | null;
  auth: CallAuth;
  request: Half | null;
  /** The frame that completed the request's first PDU; null where it was not captured. */
  requestFrame: number | null;
  response: Half | null;
  fault: number | null;
  /** What the server says of the fault; null where its number has to tell. */
  faultText: string | null;
  /** Whether the method threw, as the answer tells in other ways than by a return value. */
  threw: boolean;
  in: Params | null;
  out: Params | null;
  /** Return value of the operation: HRESULT or error_status_t; null where it has none or was not read. */
  result: number | null;
  /** What a failed call tells in an extension of ORPCTHAT: the managed exception's message. */
  errorInfo: ErrorInfo | null;
  /** Where a fault came from, as its extended error information tells. */
  extendedError: ExtendedError[] | null;
  readonly warnings: Note[];
  /** An interface's name, or the IID where it has none here. */
  readonly nameOf: (iid: string) => string;
  /** Whether more may come of it: no answer was seen, and none became impossible. */
  open: boolean;
  /** Whether fragments of an answer were seen; it is not whole while `response` is null. */
  answering: boolean;
}

/** A call of which nothing is known. */
export function emptyCall(connection: Connection): Call {
  return {
    connection,
    callId: null,
    contextId: null,
    oneWay: false,
    opnum: null,
    iface: null,
    iid: null,
    interfaceFrom: 'unknown',
    boundIn: null,
    operation: null,
    syntax: 'NDR',
    object: null,
    causality: null,
    auth: { type: null, level: 0, user: null, decrypted: null, verified: null, isCut: false },
    request: null,
    requestFrame: null,
    response: null,
    fault: null,
    faultText: null,
    threw: false,
    in: null,
    out: null,
    result: null,
    errorInfo: null,
    extendedError: null,
    warnings: [],
    nameOf: (iid) => iid,
    open: true,
    answering: false,
  };
}

/** A stub of which fragments are missing. */
export interface Unfinished {
  readonly parts: Part[] | Map<number, Part>;
  length: number;
  cost: number;
  /** What went wrong so far: the stub then is not decoded. */
  damaged: 'encrypted' | 'truncated' | 'incomplete' | 'limit' | null;
}

/** Fragments of one direction of a call that are not whole yet. */
export interface Assembly extends Unfinished {
  readonly parts: Part[];
  readonly opnum: number | null;
  readonly contextId: number;
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
  /** Contexts of a bind or alter_context that waits for its answer, by call id. */
  readonly offers: Map<number, PresentationContext[][]>;
  readonly security: Map<number, Security>;
  headerSign: boolean;
  /** Calls without an answer, by call id, oldest first. */
  readonly calls: Map<number, Call>;
  /** Answers whose request was not seen yet, by call id. */
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
