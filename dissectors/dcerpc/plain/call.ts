/**
 * A call as plain data, which can be kept, cloned and sent to another thread: parameters are left out, and read again
 * from the stubs.
 */
import { type Connection, StateStore } from '../../../src/core/context.js';
import type { Params, Side } from '../../ndr/interface.js';
import { stubCursor } from '../calls.js';
import type { Call, Half } from '../connection.js';
import { operationOf } from '../decode.js';
import { completeAnswer } from '../outcome.js';
import type { Session } from '../session.js';
import { newReading, readStub } from '../stub.js';

/** A connection without what was learnt on it. */
export type PlainConnection = Omit<Connection, 'state'>;

/** A half without what is read from its stub. */
export interface PlainHalf extends Omit<Half, 'objrefs'> {
  /** Whether it has parameters, null where it was not read. */
  readonly hasParams: boolean | null;
}

/** A call without what its interface, its stubs and its connection's state tell. */
export interface PlainCall
  extends Omit<Call, 'connection' | 'iface' | 'operation' | 'nameOf' | 'request' | 'response' | 'in' | 'out'> {
  readonly connection: PlainConnection;
  readonly request: PlainHalf | null;
  readonly response: PlainHalf | null;
}

/** A connection as plain data. */
export function plainConnection({ state: _, ...facts }: Connection): PlainConnection {
  return facts;
}

/** A call as plain data, as it stands now. */
export function plainCall(call: Call): PlainCall {
  const { iface: _, operation: __, nameOf: ___, in: params, out, connection, request, response, ...facts } = call;
  return {
    ...facts,
    auth: { ...call.auth },
    warnings: [...call.warnings],
    connection: plainConnection(connection),
    request: plainHalf(request, params),
    response: plainHalf(response, out),
  };
}

function plainHalf(half: Half | null, params: Params | null): PlainHalf | null {
  if (half === null) return null;
  const { objrefs: _, ...facts } = half;
  return { ...facts, hasParams: params === null ? null : Object.keys(params).length > 0 };
}

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
