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
