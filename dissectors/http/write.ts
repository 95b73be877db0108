/** The way back: messages of HTTP/1 to bytes (RFC 9112). */
import { concat, latin1Bytes } from '../../src/core/bytes.js';
import { UserError } from '../../src/core/user-error.js';
import { chunkText, type HeaderText, type HttpHeading, headerText, startLineText } from './message.js';

/**
 * Writes a message: what `readHttp` read becomes the same bytes again, where empty lines are CRLF.
 * @param body as it is sent: compressed where a header says so
 * @throws UserError where the chunks are not as long together as the body
 */
export function writeHttp(heading: HttpHeading, body: Uint8Array): Uint8Array {
  const { startLine, headers, chunks, trailers = [] } = heading;
  const head = latin1Bytes(`${startLine ?? startLineText(heading)}${headers.map(lineOf).join('')}\r\n`);
  if (chunks == null) return concat(head, body);
  const parts = [head];
  let at = 0;
  for (const { size, line } of chunks) {
    parts.push(latin1Bytes(line ?? chunkText(size)));
    if (size > 0) parts.push(body.subarray(at, at + size), CRLF);
    at += size;
  }
  if (at !== body.length) throw new UserError(`chunks of ${at} bytes in all for a body of ${body.length}`);
  return concat(...parts, latin1Bytes(`${trailers.map(lineOf).join('')}\r\n`));
}

const CRLF = latin1Bytes('\r\n');

function lineOf(header: HeaderText): string {
  return header.line ?? headerText(header);
}
