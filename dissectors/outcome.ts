/** What came of a call, what it means, and whether it is one of COM: decided here and nowhere else. */
import { reasonOf } from '../src/core/user-error.js';
import type { Call } from './call.js';
import type { Fact } from './dcom/facts.js';
import { describeHresult, describeStatus, type Hresult, isFailure } from './names/hresult.js';
import type { Params, RpcOperation, Summary } from './ndr/interface.js';

/** How a call ended, as far as the capture tells. */
export type Outcome =
  /** Its return value says so; failed is one also that brings back an exception in a message. */
  | 'succeeded'
  | 'failed'
  /** A fault by which the server turned it away before it looked at parameters. */
  | 'refused'
  | 'fault'
  /** An answer that nobody can open. */
  | 'sealed'
  /** An answer of which no return value was read: there is none, or it is not decoded. */
  | 'answered'
  /** No answer, and nobody asked for one. */
  | 'one-way'
  /** No answer, or not all of one. */
  | 'unanswered';

/** How a call ended. */
export function outcome(call: Call): Outcome {
  const { fault, response, result, auth } = call;
  if (fault !== null) return REFUSALS.has(fault) || isDenial(fault) ? 'refused' : 'fault';
  if (response === null) return call.oneWay ? 'one-way' : 'unanswered';
  if (call.threw || (call.out !== null && call.operation?.threw?.(call.out) === true)) return 'failed';
  if (result === null) return auth.decrypted === false ? 'sealed' : 'answered';
  return isFailure(result) || (result !== 0 && returnsStatus(call)) ? 'failed' : 'succeeded';
}

/** Whether a call is known to have failed: by its return value, a fault, or an exception in a message. What counts failed calls counts these. */
export function hasFailed(call: Call): boolean {
  const came = outcome(call);
  return came === 'failed' || came === 'refused' || came === 'fault';
}

/** Whether an answer was asked for, and there is none, or not all of one. */
export function isUnanswered(call: Call): boolean {
  return outcome(call) === 'unanswered';
}

/** How far a call's stubs were read. */
type HowFar =
  /** Every byte. */
  | 'whole'
  /** Not all: bytes made no sense, or are not there in the clear. */
  | 'partly'
  /** Nothing tells the parameters of the operation. */
  | 'no';

/** How far a call's stubs were read; null where there is none in the clear. */
export function readingOf({ request, response, fault, operation }: Call): HowFar | null {
  // a fault has no stub
  const halves = [request, fault === null ? response : null].filter((half) => half !== null);
  if (!halves.some(({ stub, cut }) => stub !== null || cut !== null)) return null;
  if (halves.every(({ isDecoded }) => isDecoded)) return 'whole';
  return operation?.decoded === true ? 'partly' : 'no';
}

/** What a call means, as its operation tells. */
export function factsOf(call: Call): readonly Fact[] {
  const { out, result } = call;
  const answer = hasFailed(call) ? null : out;
  return asked(call, 'tells', (operation) => operation.tells?.({ in: call.in, out, answer, result })) ?? [];
}

/** What a call's operation says of it for people; without `out`, of its request alone. */
export function summaryOf(call: Call, out: Params | null): Summary {
  const { nameOf } = call;
  return asked(call, 'summarize', (operation) => operation.summarize?.({ in: call.in, out, nameOf })) ?? {};
}

/** Adds to the parameters of an answer what only the request says. */
export function completeAnswer(call: Call): void {
  const { out } = call;
  if (out !== null) asked(call, 'complete', (operation) => operation.complete?.(call.in, out));
}

/** What an operation answers. One that throws, as it may in a user's interface, becomes a warning of the call. */
function asked<T>(call: Call, what: keyof RpcOperation, ask: (operation: RpcOperation) => T): T | undefined {
  const { operation, iface, warnings } = call;
  try {
    return operation === null ? undefined : ask(operation);
  } catch (e) {
    const message = `${what} of ${iface?.name}.${operation?.name} threw: ${reasonOf(e)}`;
    if (!warnings.some((w) => w.message === message))
      warnings.push({ code: 'interface-threw', message, offset: null, source: null });
  }
}

/** What a call's return value is called. */
export function describeResult(result: number, call: Call): Hresult {
  return returnsStatus(call) ? describeStatus(result) : describeHresult(result);
}

/** Whether a call's return value is an error_status_t, which tells success by 0 alone, and not an HRESULT. */
function returnsStatus({ operation, iface }: Call): boolean {
  return operation?.returns === 'status' || iface?.orpc === false;
}

/** Whether a call is a message of .NET remoting over a channel of its own, and none of DCE/RPC. */
export function isRemoting({ connection }: Call): boolean {
  return connection.transport === 'nrtp_tcp' || connection.transport === 'nrtp_http';
}

/**
 * Whether a call is one to a COM object. An object UUID alone does not tell (PROFINET has them too): where the
 * interface is not known, its request has to look so.
 */
export function isOrpc({ iface, object, causality, interfaceFrom }: Call): boolean {
  if (iface !== null) return iface.orpc;
  return causality !== null || (object !== null && interfaceFrom === 'ipid');
}

/** The same of a call whose request nobody could read: it may be one. */
export function mayBeOrpc(call: Call): boolean {
  if (isRemoting(call)) return false;
  return isOrpc(call) || (call.iface === null && call.object !== null && call.request?.stub == null);
}

/**
 * Codes by which servers refuse a caller's rights or authentication: access denied, and levels, services, identities
 * or packages that they do not take (Win32 errors, NCA status, RPC_E_*, NTSTATUS; MS-ERREF 2.1 to 2.3).
 */
const DENIALS: ReadonlySet<number> = new Set([
  ...[5, 0x52e, 0x569, 0x6cd, 0x6d2, 0x6d3, 0x6d4, 0x6d5, 0x6d6, 0x71d, 0x721],
  0x1c00001d,
  ...[0x8001011a, 0x8001011b, 0x8001011c],
  ...[0xc0000022, 0xc000006d],
]);

/** FACILITY_SECURITY: SEC_E_LOGON_DENIED and its like. */
const SECURITY = 0x8009;
/** SSPI's codes among those of certificates and cryptography. */
const SSPI = 0x03;

/** Whether a fault or return value refuses a caller's rights or authentication. */
export function isDenial(code: number): boolean {
  // HRESULT_FROM_WIN32
  if (DENIALS.has(code >>> 16 === 0x8007 ? code & 0xffff : code)) return true;
  return code >>> 16 === SECURITY && ((code >>> 8) & 0xff) === SSPI;
}

/** Other faults of a server that refused before it unmarshaled: unknown interface, operation or object. */
const REFUSALS: ReadonlySet<number> = new Set([0x1c010002, 0x1c010003, 0x80010108]);
