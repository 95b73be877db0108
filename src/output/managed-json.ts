/** The managed view of a call: what .NET code sees of its parameters and of how it ended. */
import type { Call } from '../../dissectors/dcerpc/connection.js';
import type { Params } from '../../dissectors/dcerpc/interface.js';
import { bstrText, isBstr } from '../../dissectors/dcom/bstr.js';
import { type Managed, managedOf, managedReturn, type ObjectTypes } from '../../dissectors/dcom/managed.js';
import type { Member } from '../../dissectors/ndr/types.js';

/** Parameters that the IDL marks as the method's result. */
const RESULTS = ['pRetVal', 'pVarResult'];

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

const DISP_E_EXCEPTION = 0x80020009;

/** How the call ended. IDispatch.Invoke has the exception in its EXCEPINFO, others in the error info of ORPCTHAT. */
function returned(call: Call, out: Record<string, Managed> | null): Returned {
  const info = call.out?.pExcepInfo as { scode?: string; bstrDescription?: unknown } | null | undefined;
  const told = call.result === DISP_E_EXCEPTION && info?.scode !== undefined ? Number(info.scode) : 0;
  const name = RESULTS.find((n) => out !== null && n in out);
  const result = told >= 0x80000000 ? told : call.result;
  const value = managedReturn(result, call.fault, name === undefined ? null : (out?.[name] ?? null));
  if (!value.thrown) return value;
  const description = isBstr(info?.bstrDescription) ? bstrText(info.bstrDescription) : null;
  const message = (call.result === DISP_E_EXCEPTION ? description : null) ?? call.errorInfo?.description ?? null;
  return message === null ? value : { ...value, message };
}

function side(members: readonly Member[], params: Params | null, types?: ObjectTypes): Record<string, Managed> | null {
  if (params === null) return null;
  const known = members.filter((m) => Object.hasOwn(params, m.name));
  return Object.fromEntries(known.map((m) => [m.name, managedOf(m.type, params[m.name], types)]));
}
