/** Requests that wait for their answer: how long that is depends on what was asked (RFC 9112 6.3). */
import { type Connection, stateKey } from '../../src/core/context.js';

/** What its answer has to know of a request. */
export interface HttpRequest {
  /** Whether it is one of remoting: its answer will be, too. */
  readonly isRemoting: boolean;
  /** HEAD: its answer tells of a body that it does not have (RFC 9110 9.3.2). */
  readonly isHead: boolean;
}

/** Requests of one direction, by a running number, and which is answered next. */
const noRequests = () => ({ waiting: new Map<number, HttpRequest>(), next: 0, answered: 0 });

/** The same of each direction. `goesOn`: a request that is not whole yet was told to go on. */
export const HTTP_REQUESTS = stateKey('http.requests', () => ({
  of: [noRequests(), noRequests()] as const,
  goesOn: false,
}));

/** Whether the next answer on a connection is that to a HEAD. */
export function answersHead(connection: Connection | null | undefined): boolean {
  if (connection == null) return false;
  const { waiting, answered } = connection.state.get(HTTP_REQUESTS).of[connection.client];
  return waiting.get(answered)?.isHead === true;
}
