/** Bodies (RFC 9112 6 and 7): plain ones stay where they are, chunks are joined, what is compressed is inflated. */
import { inflate, latin1Text } from '#platform';
import { joined } from '../../src/core/bytes.js';
import type { Cursor } from '../../src/core/cursor.js';
import { optionOf } from '../../src/core/limits.js';
import type { DataSource, Range } from '../../src/core/source.js';
import { httpChunkSize, sizeLineEnd } from './chunks.js';
import { ENCODED_BODY, HTTP_CHUNK_BOUNDARY, HTTP_CHUNK_DATA, HTTP_CHUNK_SIZE, TRAILER } from './fields.js';
import { bodyLength, type Head, IN_CHUNKS, UNTIL_CLOSE } from './head.js';
import { readHeaders, type Teller } from './headers.js';
import { isCrLf } from './lines.js';
import { type ChunkText, chunkText, type HttpHeader } from './message.js';

/** Chunks of a message that are read; a MB in chunks of 16 bytes. */
const MOST_CHUNKS = 1 << 16;

/** What was found of a body. */
export interface HttpBody {
  readonly chunks: ChunkText[] | null;
  readonly trailers: HttpHeader[];
  range: Range | null;
  isWhole: boolean;
}

/** Reads chunks; a plain body is left unread. */
export function readHttpBody(c: Cursor, head: Head, tell: Teller): HttpBody {
  // the answer to a HEAD ends with its head, whatever that says of a body: so it was cut
  const isBare = !head.isRequest && c.claimedLeft === 0;
  const length = isBare ? 0 : bodyLength(head);
  if (length === IN_CHUNKS) return readChunked(c, tell);
  const wanted = length === UNTIL_CLOSE ? c.claimedLeft : length;
  const have = Math.min(wanted, c.left);
  if (have < wanted) c.note('truncated', `${have} of ${wanted} bytes of the body were captured`);
  const range = have > 0 ? { source: c.source, start: c.pos, end: c.pos + have } : null;
  return { chunks: null, trailers: [], range, isWhole: have === wanted };
}

function readChunked(c: Cursor, tell: Teller): HttpBody {
  const chunks: ChunkText[] = [];
  const body: HttpBody = { chunks, trailers: [], range: null, isWhole: false };
  const parts: Range[] = [];
  c.frame(null, c.claimedLeft, () => {
    while (readChunk(c, chunks, parts));
    body.isWhole = readHeaders(c, body.trailers, TRAILER, tell);
    if (!body.isWhole) c.note('truncated', 'the empty line behind the last chunk was not captured');
  });
  if (parts.length > 0) {
    const bytes = joined(parts.map(({ start, end }) => c.bytes.subarray(start, end)));
    body.range = { source: { kind: 'joined', name: 'Content', bytes, parts }, start: 0, end: bytes.length };
  }
  return body;
}

/** Reads a chunk; false where it is the last. */
function readChunk(c: Cursor, chunks: ChunkText[], parts: Range[]): boolean {
  if (chunks.length === MOST_CHUNKS) c.limit(`more than ${MOST_CHUNKS} chunks: the rest is not read`);
  const { bytes, pos } = c;
  const data = sizeLineEnd(bytes, pos, c.end);
  // more than is there: as that it fails
  if (data === -1) c.skip(HTTP_CHUNK_SIZE, c.left + 1);
  const size = data < 0 ? -1 : httpChunkSize(bytes, pos, data);
  if (size < 0) c.fail('no size of a chunk stands here');
  const spelled = latin1Text(bytes, pos, data);
  const line = spelled === chunkText(size) ? null : spelled;
  c.made(HTTP_CHUNK_SIZE, data - pos, () => size, line?.trimEnd());
  chunks.push({ size, line });
  if (size === 0) return false;
  const have = Math.min(size, c.left);
  parts.push({ source: c.source, start: c.pos, end: c.pos + have });
  c.carry(HTTP_CHUNK_DATA, have);
  if (c.left < 2) c.skip(HTTP_CHUNK_BOUNDARY, size - have + 2);
  if (!isCrLf(bytes, c.pos)) c.fail('behind the data of a chunk stands no CRLF');
  c.skip(HTTP_CHUNK_BOUNDARY, 2);
  return true;
}

/** A coding of ours by its name. */
const CODINGS: Readonly<Record<string, 'gzip' | 'deflate'>> = { gzip: 'gzip', 'x-gzip': 'gzip', deflate: 'deflate' };

/**
 * The content of a whole body: itself, or what it inflates to; null where that cannot be had.
 * @param codings what it is compressed by (RFC 9110 8.4), in the order of applying it
 */
export function decodedContent(c: Cursor, body: Range, codings: readonly string[]): Range | null {
  if (codings.length === 0) return body;
  const coding = codings.length === 1 && Object.hasOwn(CODINGS, codings[0]) ? CODINGS[codings[0]] : null;
  const most = c.recording.limits.stubBytes;
  const from = body.source.bytes.subarray(body.start, body.end);
  const bytes = coding === null ? null : inflate(coding, from, most);
  const at = body.source === c.source ? c : c.over(body.source);
  if (bytes instanceof Uint8Array) {
    at.carry(ENCODED_BODY, from.length);
    const source: DataSource = { kind: 'derived', name: 'Inflated content', bytes, from: body };
    return { source, start: 0, end: bytes.length };
  }
  if (bytes === null)
    c.note('http-coding', `the body is encoded by ${codings.join(', ')}, which is not undone`, body.start);
  else if (bytes === 'damaged') c.note('malformed', 'the body cannot be inflated', body.start);
  else
    c.note(
      'limit',
      `more than ${most} bytes of inflated content: it is left as it is (--limit ${optionOf('stubBytes')}=N)`,
      body.start,
    );
  at.skip(ENCODED_BODY, from.length);
  return null;
}
