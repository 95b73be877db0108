/** How a channel of RPC over HTTP (MS-RPCH 2.1) is cut: heads of HTTP, and PDUs of DCE/RPC behind them. */
import { latin1Bytes } from '../../src/core/bytes.js';
import { NOT_YET, type StreamProtocol } from '../../src/core/dissector.js';
import { HTTP_STREAM, scanHead, standsAt } from '../http/index.js';

/** What opens a channel of version 2, and a connection through a proxy of version 1 (2.1.2.1, 2.1.1.1). */
const METHODS = ['RPC_IN_DATA ', 'RPC_OUT_DATA ', 'RPC_CONNECT '].map(latin1Bytes);

/** Whether a request of one of the methods stands at `at`. */
export function isChannelRequest(b: Uint8Array, at: number, end: number): boolean {
  return METHODS.some((method) => standsAt(b, at, end, method));
}

/**
 * Makes the protocol.
 * @param inner DCE/RPC
 */
export function rpchStream(inner: StreamProtocol): StreamProtocol {
  const { greeting } = inner;
  const greets = (b: Uint8Array, at: number, end: number): boolean =>
    greeting !== undefined && standsAt(b, at, end, greeting.bytes);
  return {
    name: 'rpch',
    transport: 'ncacn_http',
    carries: 'some',
    headerLength: 14,
    surelyBy: inner.headerLength,
    // bodies of answers that refuse may be long
    maxLength: 1 << 20,
    opens: isChannelRequest,
    claims: (b, at, end) =>
      inner.mayBegin(b, at, end - at)
        ? end - at < inner.headerLength || inner.claims(b, at, end)
        : HTTP_STREAM.claims(b, at, end) || greets(b, at, end),
    mayBegin: (b, at, length) =>
      METHODS.some((method) => method.subarray(0, length).every((byte, i) => b[at + i] === byte)),
    pduLength(b, at, end, measuring, connection) {
      if (inner.mayBegin(b, at, end - at)) {
        if (end - at < inner.headerLength) return NOT_YET;
        return inner.claims(b, at, end) ? inner.pduLength(b, at, end, measuring) : 0;
      }
      if (greets(b, at, end)) return greeting?.bytes.length ?? 0;
      const length = HTTP_STREAM.pduLength(b, at, end, measuring, connection);
      if (length === NOT_YET) return length;
      return holdsPdus(b, at, end) ? (scanHead(b, at, end)?.end ?? at) - at : length;
    },
  };
}

/** Whether what follows a head are PDUs, however long it says that this is: the head is one for itself. */
export function holdsPdus(b: Uint8Array, at: number, end: number): boolean {
  return isChannelRequest(b, at, end) || scanHead(b, at, end)?.status === 200;
}
