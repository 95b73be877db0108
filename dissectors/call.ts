/** A remote call, whatever protocol carried it, as far as the capture told. */
import { type Connection, stateKey, type Time } from '../src/core/context.js';
import type { Note } from '../src/core/node.js';
import type { Piece } from '../src/core/source.js';
import type { ExtendedError } from './dcerpc/eerr.js';
import type { StubLayout } from './dcerpc/stub.js';
import type { VerificationTrailer } from './dcerpc/verification.js';
import type { ErrorInfo } from './dcom/error-info.js';
import type { Objref } from './dcom/objref.js';
import type { Params, RpcInterface, RpcOperation } from './ndr/interface.js';
import type { Syntax } from './ndr/syntax.js';

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
  /** Whether every byte of the stub was read as parameters or what stands beside them; false where no stub was read. */
  readonly isDecoded: boolean;
  /** The whole message whose content the stub is; null in DCE/RPC, and where it is not whole. */
  readonly message: Uint8Array | null;
  /** How the stub is laid out; null where none was read. */
  readonly layout: StubLayout | null;
  /** What a request repeats of itself behind its stub (MS-RPCE 2.2.2.13). */
  readonly trailer: VerificationTrailer | null;
  /** OBJREFs with an IPID that its parameters hold, in the order of the bytes. */
  readonly objrefs: readonly Objref[];
}

/** What carries a connection inside of its own messages, and says who works there: a session, a channel. */
export type Carrier = 'smb' | 'nns';

/** What is protected about a call, over all its fragments. */
export interface CallAuth {
  /** Whose it is: null where it is the call's own, or nobody's. Levels of a carrier are named as DCE/RPC names its own. */
  readonly carrier: Carrier | null;
  readonly type: string | null;
  readonly level: number;
  readonly user: string | null;
  decrypted: boolean | null;
  verified: boolean | null;
  /** Whether a verifier, or the carrier's own setup, was not captured: then nobody knows the level. */
  isCut: boolean;
}

/** Levels by which carriers protect, as DCE/RPC's are named (MS-RPCE 2.2.1.1.8): who it is, signed, sealed. */
export const Level = { connect: 2, integrity: 5, privacy: 6 } as const;

/** What protects a call that nothing protects. */
export const NO_AUTH: Readonly<CallAuth> = {
  carrier: null,
  type: null,
  level: 0,
  user: null,
  decrypted: null,
  verified: null,
  isCut: false,
};

/** What protects all calls of a connection, before they say anything of their own. */
export const PROTECTION = stateKey('protection', () => ({ auth: NO_AUTH }));

/** The secondary address of a bind_ack (C706 12.6.4.4): the server's port or pipe, as it says itself; else empty. */
export const SECONDARY_ADDRESS = stateKey('secondary-address', () => ({ text: '' }));

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

/** A call of which nothing is known but what protects its connection. */
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
    auth: { ...connection.state.get(PROTECTION).auth },
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
