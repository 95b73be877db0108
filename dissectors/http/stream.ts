/**
 * How messages of HTTP/1 are cut out of a TCP stream (RFC 9112 2.2, 6.3, 7.1), where the stream is one of .NET remoting
 * (MS-NRTP 2.2.4).
 */
import type { Connection } from '../../src/core/context.js';
import { type Measuring, NOT_YET, type StreamProtocol, TO_THE_END } from '../../src/core/dissector.js';
import { httpChunkSize, NO_CHUNK, sizeLineEnd } from './chunks.js';
import { bodyLength, IN_CHUNKS, scanHead, UNTIL_CLOSE } from './head.js';
import { behindEmptyLines, emptyLineEnd, isCrLf, mayStartMessage, NO_START, startsMessage } from './lines.js';
import { isForeignBody, isHttpRemoting } from './remoting.js';
import { answersHead } from './requests.js';

/** Bytes of a head, and of trailers, at most. */
const LONGEST_HEAD = 1 << 16;
/** Foreign bodies up to this length are read like others. */
const SMALL = 1 << 16;
/** `A / HTTP/1.1` and two bare LF. */
const SHORTEST = 14;

/** `Measuring.state`: in the head; */
const IN_HEAD = 0;
/** where a chunk's size stands; */
const AT_SIZE = 1;
/** where the CRLF behind a chunk's data stands; */
const BEHIND_DATA = 2;
/** in the trailers; this, and where they begin. */
const IN_TRAILERS = 3;

export const HTTP_STREAM: StreamProtocol = {
  name: 'http',
  transport: 'nrtp_http',
  headerLength: SHORTEST,
  // what is kept of one that is not whole is bounded elsewhere, and told
  maxLength: 2 ** 40,
  opens: (b, at, end) => isHttpRemoting(b, at, end),
  claims: (b, at, end) => startsMessage(b, at, end) !== NO_START,
  mayBegin: mayStartMessage,
  pduLength(b, at, end, measuring, connection) {
    if (measuring.state === IN_HEAD) {
      const told = headTells(b, at, end, measuring, connection);
      if (told !== IN_CHUNKS) return told;
    }
    const length = chunksTell(b, at, end, measuring);
    return length > HTTP_STREAM.maxLength ? 0 : length;
  },
  passes: (b, at, end, length) => length > SMALL && isForeignBody(b, at, end),
};

/** The length as the head tells it; IN_CHUNKS where the chunks do, from `measuring.at` on. */
function headTells(
  b: Uint8Array,
  at: number,
  end: number,
  measuring: Measuring,
  connection: Connection | null | undefined,
): number {
  const start = behindEmptyLines(b, at, end);
  const to = emptyLineEnd(b, start, Math.max(start, at + measuring.at), Math.min(end, at + LONGEST_HEAD));
  if (to < 0) {
    measuring.at = Math.min(end - at, LONGEST_HEAD);
    return end - at < LONGEST_HEAD ? NOT_YET : 0;
  }
  const head = scanHead(b, at, to);
  if (head === null) return 0;
  if (!head.isRequest && head.status >= 200 && answersHead(connection)) return to - at;
  const length = bodyLength(head);
  if (length === UNTIL_CLOSE) return TO_THE_END;
  if (length === IN_CHUNKS) {
    measuring.at = to - at;
    measuring.state = AT_SIZE;
    return IN_CHUNKS;
  }
  const whole = to - at + length;
  if (whole <= HTTP_STREAM.maxLength) return whole;
  measuring.at = to - at;
  return 0;
}

/** Goes on from chunk to chunk to the end of the trailers. */
function chunksTell(b: Uint8Array, at: number, end: number, measuring: Measuring): number {
  while (measuring.state < IN_TRAILERS) {
    const here = at + measuring.at;
    if (measuring.at > HTTP_STREAM.maxLength) return 0;
    if (measuring.state === BEHIND_DATA) {
      if (here + 2 > end) return NOT_YET;
      if (!isCrLf(b, here)) return 0;
      measuring.at += 2;
      measuring.state = AT_SIZE;
      continue;
    }
    const data = here < end ? sizeLineEnd(b, here, end) : -1;
    if (data === NO_CHUNK) return 0;
    if (data < 0) return NOT_YET;
    const size = httpChunkSize(b, here, data);
    if (size < 0) return 0;
    measuring.at = data - at + size;
    // the line feed of the last chunk's line is that of the line in front of the trailers
    measuring.state = size > 0 ? BEHIND_DATA : IN_TRAILERS + data - 1 - at;
  }
  const trailers = at + measuring.state - IN_TRAILERS;
  const to = emptyLineEnd(b, trailers, at + measuring.at, Math.min(end, trailers + LONGEST_HEAD));
  if (to >= 0) return to - at;
  measuring.at = end - at;
  return end - trailers < LONGEST_HEAD ? NOT_YET : 0;
}
