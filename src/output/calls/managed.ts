/** The managed view of a call: what .NET code sees of its parameters and of how it ended. */
import type { Call } from '../../../dissectors/call.js';
import { type Fact, factsOfKind } from '../../../dissectors/dcom/facts.js';
import { type Managed, managedOf, managedReturn, type ObjectTypes } from '../../../dissectors/dcom/managed.js';
import type { Params } from '../../../dissectors/ndr/interface.js';
import type { Member } from '../../../dissectors/ndr/types.js';
import type { JsonBytes } from '../json-bytes.js';

/** What a method call came to: an exception with its message, or a value. */
type Returned = Managed & { readonly thrown: boolean; readonly message?: string };

/** Adds managed types by parameter as JSON; null for calls that are not COM's, or of which nothing was decoded. */
export function writeManaged(out: JsonBytes, call: Call, facts: readonly Fact[], types?: ObjectTypes): void {
  const { operation } = call;
  if (call.iface?.orpc !== true || operation?.decoded !== true) {
    out.json(null);
    return;
  }
  out.put`{"in":`;
  writeSide(out, operation.request, call.in, types);
  out.put`,"out":`;
  writeSide(out, operation.response, call.out, types);
  out.put`,"returns":${call.result === null && call.fault === null ? null : returned(call, facts, types)}}`;
}

/** How the call ended. What it threw stands in its parameters, or in the error info of ORPCTHAT. */
function returned(call: Call, facts: readonly Fact[], types?: ObjectTypes): Returned {
  const [threw] = factsOfKind(facts, 'threw');
  const value = managedReturn(threw?.hresult ?? call.result, call.fault, returnedBy(call, types));
  if (!value.thrown) return value;
  const message = threw?.message ?? call.errorInfo?.description ?? null;
  return message === null ? value : { ...value, message };
}

/** The parameter that is the method's result; null where there is none, or it was not read. */
function returnedBy({ operation, out }: Call, types?: ObjectTypes): Managed | null {
  const member = operation?.response.find(({ name }) => name === operation.retval);
  if (member === undefined || out === null || !Object.hasOwn(out, member.name)) return null;
  return managedOf(member.type, out[member.name], types);
}

function writeSide(out: JsonBytes, members: readonly Member[], params: Params | null, types?: ObjectTypes): void {
  if (params === null) {
    out.json(null);
    return;
  }
  let first = true;
  for (const { name, type } of members) {
    if (!Object.hasOwn(params, name)) continue;
    out.name(name, first);
    first = false;
    out.json(managedOf(type, params[name], types));
  }
  out.end(first);
}
