/** A call of DCE/RPC out of plain data: what its interface and its stubs tell is read again. */
import { type Connection, StateStore } from '../../../src/core/context.js';
import type { Call, Half } from '../../call.js';
import type { Params, Side } from '../../ndr/interface.js';
import { completeAnswer } from '../../outcome.js';
import { stubCursor } from '../../pdu.js';
import type { PlainCall, PlainHalf } from '../../plain-call.js';
import type { Session } from '../../session.js';
import { operationOf } from '../decode.js';
import { newReading, readStub } from '../stub.js';

/** The call of plain data; it belongs to `connection`, or to one of its own on which nothing was learnt. */
export function callOf(
  plain: PlainCall,
  session: Session,
  connection: Connection = { ...plain.connection, state: new StateStore() },
): Call {
  const { interfaces } = session;
  const { iid, opnum, request, response, auth, warnings } = plain;
  const iface = iid === null ? null : (interfaces.get(iid) ?? null);
  const call: Call = {
    ...plain,
    connection,
    iface,
    operation: operationOf(iface, opnum),
    auth: { ...auth },
    warnings: [...warnings],
    nameOf: (uuid) => interfaces.get(uuid)?.name ?? uuid,
    ...{ request: null, response: null, in: null, out: null },
  };
  if (request !== null) [call.request, call.in] = halfOf(request, call, 'request', session);
  if (response !== null) [call.response, call.out] = halfOf(response, call, 'response', session);
  if (request !== null && response !== null && call.fault === null) completeAnswer(call);
  return call;
}

/** A half, and the parameters that its stub holds. */
function halfOf(plain: PlainHalf, call: Call, side: Side, session: Session): [Half, Params | null] {
  const { hasParams, ...facts } = plain;
  const { littleEndian, stub, cut, layout } = plain;
  const reading = newReading();
  const bytes = stub ?? cut?.bytes;
  if (hasParams === true && bytes !== undefined && layout !== null && call.operation !== null) {
    const { operation: op, iface } = call;
    const length = cut?.length ?? bytes.length;
    const format = {
      ...{ side, orpc: iface?.orpc === true, ndr64: layout.ndr64, orpc64: null, ccw: layout.ccw },
      capture: new StateStore(),
    };
    const read = (c: ReturnType<typeof stubCursor>): void => readStub(c, op, format, layout, reading);
    stubCursor(bytes, length, littleEndian, session.limits).frame(null, length, read, null);
  }
  return [{ ...facts, objrefs: reading.objrefs }, hasParams === null ? null : reading.params];
}
