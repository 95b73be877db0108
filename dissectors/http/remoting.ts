/**
 * What can be told by the head of a message, and by the first bytes behind it, of whether it is one of .NET remoting
 * (MS-NRTP 2.2.4). It is asked of every flow that speaks HTTP.
 */
import { latin1Bytes } from '../../src/core/bytes.js';
import { startsAsNrbf } from '../nrbf/index.js';
import { httpChunkSize, sizeLineEnd } from './chunks.js';
import { bodyLength, type Head, IN_CHUNKS, scanHead } from './head.js';
import { holdsText } from './lines.js';

/** The header of an NRBF stream and the type of the record behind it. */
const NRBF_START = 18;
/** BinaryMethodReturn (MS-NRBF 2.2.3.3). */
const METHOD_RETURN = 22;
/** How much of an envelope is looked through for its namespaces. */
const ENVELOPE = 2048;
/** Of Mono and of .NET, for types of the CLR and for its own encodings. */
const NAMESPACES = [
  latin1Bytes('http://schemas.microsoft.com/clr/'),
  latin1Bytes('http://schemas.microsoft.com/soap/encoding/clr/'),
];

/**
 * Whether the bytes from `at` to `end`, which begin with a start line, are a message of .NET remoting. A POST whose head
 * is cut by `end` is one where nothing in it speaks against that.
 */
export function isHttpRemoting(b: Uint8Array, at: number, end: number): boolean {
  const head = scanHead(b, at, end);
  if (head === null) return false;
  if (head.agent === 'remoting') return true;
  if (head.isRequest && !head.isPost) return false;
  if (head.action !== 'none') return head.action === 'clr';
  if (head.type === 'other') return false;
  if (head.end < 0) return head.isPost && head.agent === 'none';
  if (head.isEncoded) return false;
  if (head.type === 'xml')
    return NAMESPACES.some((name) => holdsText(b, head.end, Math.min(end, head.end + ENVELOPE), name));
  const first = firstBytes(b, head, end);
  if (first.length === NRBF_START) return startsAsNrbf(first) && (head.isRequest || first[17] === METHOD_RETURN);
  // without a body yet (the client waits for 100 Continue), or with the first bytes of one
  if (!head.isRequest || head.type !== 'octets' || head.agent !== 'none') return false;
  const length = bodyLength(head);
  return (length === IN_CHUNKS || length >= NRBF_START) && (first.length === 0 || first[0] === 0);
}

/** Whether a body that is there begins as none of remoting's does. */
export function isForeignBody(b: Uint8Array, at: number, end: number): boolean {
  const head = scanHead(b, at, end);
  if (head === null || head.end < 0) return false;
  if (head.type === 'other') return true;
  if (head.type === 'xml' || head.isEncoded) return false;
  const first = firstBytes(b, head, end);
  return first.length === NRBF_START && !startsAsNrbf(first);
}

/** The first bytes of a body, as many as tell NRBF; fewer where they are not there. Out of their chunks. */
function firstBytes(b: Uint8Array, head: Head, end: number): Uint8Array {
  const length = bodyLength(head);
  if (length !== IN_CHUNKS) {
    const to = length >= 0 ? Math.min(end, head.end + length) : end;
    return b.subarray(head.end, Math.min(to, head.end + NRBF_START));
  }
  const first = new Uint8Array(NRBF_START);
  let have = 0;
  for (let at = head.end; have < NRBF_START; ) {
    const data = sizeLineEnd(b, at, end);
    const size = data < 0 ? 0 : httpChunkSize(b, at, data);
    if (size <= 0) break;
    for (let i = data; i < Math.min(end, data + size) && have < NRBF_START; i++) first[have++] = b[i];
    at = data + size + 2;
  }
  return first.subarray(0, have);
}
