/** What became of a call, as far as rules care. */
import type { Call } from '../../../dissectors/dcerpc/connection.js';

/** Faults of a server that refused before it unmarshaled: access denied, unknown interface, operation or object. */
const REFUSALS: ReadonlySet<number> = new Set([5, 0x1c010002, 0x1c010003, 0x80010108]);

/** Whether the server refused a call before it looked at its parameters. */
export function notExecuted(call: Call): boolean {
  return call.fault !== null && REFUSALS.has(call.fault);
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
