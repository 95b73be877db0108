/**
 * The way from a remoting message to its document, which makes the same bytes again; a message that needs more than a
 * document can say keeps its bytes.
 */
import { isUtf8, utf8Text } from '#platform';
import { readHttp } from '../../../dissectors/http/index.js';
import { readNrbf, startsAsNrbf } from '../../../dissectors/nrbf/index.js';
import { contentSource } from '../../../dissectors/remoting/content.js';
import { readNrtp } from '../../../dissectors/remoting/frame.js';
import {
  type CountedString,
  ENCODINGS,
  FORMATS,
  type NrtpHeader,
  TOKENS,
  USUAL_FORMATS,
  UTF8,
} from '../../../dissectors/remoting/headers.js';
import { same } from '../../core/bytes.js';
import { Cursor } from '../../core/cursor.js';
import { Recording } from '../../core/recording.js';
import type { DataSource } from '../../core/source.js';
import { hexText } from '../../core/text.js';
import type { Json, JsonObject } from '../error.js';
import { encodeMessage, type RemotingTransport } from '../messages/message.js';
import { nrbfRecords } from '../values.js';

/** The document of a whole message, which went over a transport. */
export function messageDocument(bytes: Uint8Array, transport: RemotingTransport): JsonObject {
  const head = { kind: 'message', transport };
  const members = transport === 'nrtp_tcp' ? nrtpMembers(bytes) : httpMembers(bytes);
  const document = { ...head, ...members };
  return members !== null && makes(document, bytes)
    ? document
    : { ...head, bytes: hexText(bytes), why: 'its members do not say all of its bytes' };
}

function makes(document: JsonObject, bytes: Uint8Array): boolean {
  try {
    return same(encodeMessage(document, ''), bytes);
  } catch {
    return false;
  }
}

function cursorOn(bytes: Uint8Array): Cursor {
  const source: DataSource = { kind: 'captured', name: 'Message', bytes, pieces: [] };
  return new Cursor(source, new Recording(false));
}

const OPERATIONS: Readonly<Record<number, string>> = { 0: 'request', 1: 'one-way', 2: 'reply' };

function nrtpMembers(bytes: Uint8Array): JsonObject | null {
  const { operation, headers, chunks, parts, isWhole } = readNrtp(cursorOn(bytes), bytes.length);
  if (!isWhole || operation === null) return null;
  return {
    operation: OPERATIONS[operation],
    headers: headers.map(nrtpHeader),
    ...(chunks === null ? {} : { chunks }),
    ...contentMember(contentSource(parts)?.bytes),
  };
}

function nrtpHeader({ token, format, name, value }: NrtpHeader): JsonObject {
  const text = (string: CountedString, member: string, encoding: string): JsonObject => ({
    [member]: string.text,
    ...(string.encoding === UTF8 ? {} : { [encoding]: ENCODINGS[string.encoding] }),
  });
  return {
    header: TOKENS[token] ?? token,
    ...(name === null ? {} : text(name, 'name', 'nameEncoding')),
    ...(format === null || format === USUAL_FORMATS[token] ? {} : { format: FORMATS[format] }),
    ...(value === null ? {} : typeof value === 'number' ? { value } : text(value, 'value', 'encoding')),
  };
}

function httpMembers(bytes: Uint8Array): JsonObject | null {
  const c = cursorOn(bytes);
  const message = c.frame(null, bytes.length, readHttp);
  if (message?.isWhole !== true) return null;
  const { version, startLine, headers, chunks, trailers = [], body } = message;
  const start: JsonObject =
    message.kind === 'request'
      ? { method: message.method, target: message.target, version }
      : { status: message.status, phrase: message.phrase, version };
  return {
    operation: message.kind === 'request' ? 'request' : 'reply',
    ...(startLine == null ? start : { startLine }),
    headers: headers.map(httpHeader),
    ...(chunks == null ? {} : { chunks: chunks.map(({ size, line }) => (line == null ? size : { size, line })) }),
    ...(trailers.length === 0 ? {} : { trailers: trailers.map(httpHeader) }),
    ...contentMember(body?.source.bytes.subarray(body.start, body.end)),
  };
}

function httpHeader({ name, value, line }: { name: string; value: string; line?: string | null }): JsonObject {
  return line == null ? { name, value } : { line };
}

function contentMember(bytes: Uint8Array | undefined): JsonObject {
  return bytes === undefined || bytes.length === 0 ? {} : { content: contentDocument(bytes) };
}

function contentDocument(bytes: Uint8Array): Json {
  if (startsAsNrbf(bytes)) {
    const nrbf = nrbfRecords(readNrbf(cursorOn(bytes)), bytes);
    if (nrbf !== null) return { nrbf };
  }
  return isText(bytes) ? { soap: utf8Text(bytes, 0, bytes.length) } : { hex: hexText(bytes) };
}

const TAG = 0x3c;

/** Whether bytes are an envelope: without a byte order mark, which text does not keep. */
function isText(bytes: Uint8Array): boolean {
  return bytes[0] === TAG && isUtf8(bytes);
}
