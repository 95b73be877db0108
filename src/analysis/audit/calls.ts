/** What became of a call, as far as rules care. */
import { ASSOCIATION, type Call } from '../../../dissectors/dcerpc/connection.js';
import { hresultName, statusName } from '../../../dissectors/dcom/hresult.js';
import { hex } from '../../../dissectors/ndr/read.js';
import type { Connection } from '../../core/context.js';

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

/** Other faults of a server that refused before it unmarshaled: unknown interface, operation or object. */
const REFUSALS: ReadonlySet<number> = new Set([0x1c010002, 0x1c010003, 0x80010108]);

/** What a server refused a call's rights or authentication with; null where it did not. */
export function refusalOf({ fault, result }: Call): string | null {
  if (fault !== null) return isDenial(fault) ? `fault ${hex(fault, 8)} ${statusName(fault)}` : null;
  return result !== null && isDenial(result) ? `result ${hex(result, 8)} ${hresultName(result)}` : null;
}

function isDenial(code: number): boolean {
  // HRESULT_FROM_WIN32
  if (DENIALS.has(code >>> 16 === 0x8007 ? code & 0xffff : code)) return true;
  return code >>> 16 === SECURITY && ((code >>> 8) & 0xff) === SSPI;
}

/** Whether the server refused a call before it looked at its parameters. */
export function notExecuted({ fault }: Call): boolean {
  return fault !== null && (REFUSALS.has(fault) || isDenial(fault));
}

/**
 * Whether the client of a connection authenticated to nobody so far: its negotiation was seen, and no trailer in it.
 * Where neither the connection's beginning nor a bind's answer was captured, nobody knows.
 */
export function isAnonymous(connection: Connection): boolean {
  const { security, contexts } = connection.state.get(ASSOCIATION);
  if (security.size > 0) return false;
  return !connection.midstream || [...contexts.values()].some((context) => context.accepted);
}

/** Whether a call came back with success. */
export function succeeded(call: Call): boolean {
  return call.fault === null && call.response !== null && call.result !== null && call.result < 0x80000000;
}

/**
 * Whether a call is one to a COM object. An object UUID alone does not tell (PROFINET has them too): where the
 * interface is not known, the request has to begin as an ORPCTHIS does.
 */
export function isOrpc(call: Call): boolean {
  if (call.iface !== null) return call.iface.orpc;
  if (call.object === null) return false;
  if (call.interfaceFrom === 'ipid') return true;
  const b = call.request?.stub;
  if (b == null || b.length < 32) return false;
  const little = b[0] === 5 && b[1] === 0 && b[2] <= 7 && b[3] === 0;
  const big = b[0] === 0 && b[1] === 5 && b[2] === 0 && b[3] <= 7;
  // reserved1 is zero
  return (little || big) && b[8] === 0 && b[9] === 0 && b[10] === 0 && b[11] === 0;
}
