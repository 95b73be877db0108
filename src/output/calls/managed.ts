/** The managed view of a call: what .NET code sees of its parameters and of how it ended. */
import type { Call } from '../../../dissectors/dcerpc/connection.js';
import { factsOf } from '../../../dissectors/dcerpc/outcome.js';
import { factsOfKind } from '../../../dissectors/dcom/facts.js';
import { type Managed, managedOf, managedReturn, type ObjectTypes } from '../../../dissectors/dcom/managed.js';
import type { Params } from '../../../dissectors/ndr/interface.js';
import type { Member } from '../../../dissectors/ndr/types.js';

/** What a method call came to: an exception with its message, or a value. */
export type Returned = Managed & { readonly thrown: boolean; readonly message?: string };

/** Managed types by parameter; null for calls that are not COM's, or of which nothing was decoded. */
export function managedCall(
  call: Call,
  types?: ObjectTypes,
): { in: Record<string, Managed> | null; out: Record<string, Managed> | null; returns: Returned | null } | null {
  const { operation } = call;
  if (call.iface?.orpc !== true || operation?.decoded !== true) return null;
  const out = side(operation.response, call.out, types);
  return {
    in: side(operation.request, call.in, types),
    out,
    returns: call.result === null && call.fault === null ? null : returned(call, out),
  };
}

/** How the call ended. What it threw stands in its parameters, or in the error info of ORPCTHAT. */
function returned(call: Call, out: Record<string, Managed> | null): Returned {
  const [threw] = factsOfKind(factsOf(call), 'threw');
  const value = managedReturn(threw?.hresult ?? call.result, call.fault, out?.[call.operation?.retval ?? ''] ?? null);
  if (!value.thrown) return value;
  const message = threw?.message ?? call.errorInfo?.description ?? null;
  return message === null ? value : { ...value, message };
}

function side(members: readonly Member[], params: Params | null, types?: ObjectTypes): Record<string, Managed> | null {
  if (params === null) return null;
  const known = members.filter((m) => Object.hasOwn(params, m.name));
  return Object.fromEntries(known.map((m) => [m.name, managedOf(m.type, params[m.name], types)]));
}
