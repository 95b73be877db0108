/** The managed view of a call: what .NET code sees of its parameters and of how it ended. */
import type { Call } from '../../dissectors/dcerpc/connection.js';
import type { Params } from '../../dissectors/dcerpc/interface.js';
import { type Managed, managedOf, managedReturn, type ObjectTypes } from '../../dissectors/dcom/managed.js';
import type { Member } from '../../dissectors/ndr/types.js';

/** Parameters that the IDL marks as the method's result. */
const RESULTS = ['pRetVal', 'pVarResult'];

/** Managed types by parameter; null for calls that are not COM's, or of which nothing was decoded. */
export function managedCall(
  call: Call,
  types?: ObjectTypes,
): {
  in: Record<string, Managed> | null;
  out: Record<string, Managed> | null;
  returns: (Managed & { thrown: boolean }) | null;
} | null {
  const { operation } = call;
  if (call.iface?.orpc !== true || operation?.decoded !== true) return null;
  const out = side(operation.response, call.out, types);
  const name = RESULTS.find((n) => out !== null && n in out);
  const ended = call.result !== null || call.fault !== null;
  return {
    in: side(operation.request, call.in, types),
    out,
    returns: ended ? managedReturn(call.result, call.fault, name === undefined ? null : (out?.[name] ?? null)) : null,
  };
}

function side(members: readonly Member[], params: Params | null, types?: ObjectTypes): Record<string, Managed> | null {
  if (params === null) return null;
  const told: Record<string, Managed> = {};
  for (const m of members) if (m.name in params) told[m.name] = managedOf(m.type, params[m.name], types);
  return told;
}
