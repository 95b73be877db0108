/** Protocols at work on PDUs that a test hands them, without a capture around them. */
import { type Connection, StateStore, type TransportPdu } from '../src/core/context.js';
import type { Carriers, Protocol } from '../src/core/dissector.js';

/** Streams inside PDUs that lead nowhere. */
export const NO_CARRIERS: Carriers = {
  open: ({ name, transport }, { endpoint = null, ...between }) => ({
    connection: { id: -1, transport, protocol: name, endpoint, ...between, state: new StateStore() },
    data() {},
    gap() {},
    end() {},
  }),
};

/** One PDU in, what it was dissected into out. */
export interface Started<P> {
  /** Undefined where nothing came of it. */
  dissect(pdu: TransportPdu, record: boolean): P;
  closed(connection: Connection): void;
}

/** Starts protocols on a capture of which nothing is known. */
export function started<P>(protocol: Protocol<P>): Started<P> {
  const run = protocol.start(new StateStore(), NO_CARRIERS);
  return {
    dissect(pdu, record) {
      const all: P[] = [];
      run.dissect(pdu, record, (p) => all.push(p));
      return all[0];
    },
    closed: (connection) => run.closed(connection),
  };
}
