/**
 * A call as plain data, which can be kept, cloned and sent to another thread: parameters are left out, and read again
 * from the stubs by its protocol.
 */
import type { Connection } from '../src/core/context.js';
import type { Call, Half } from './call.js';
import type { Params } from './ndr/interface.js';

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
