/** Fields of HTTP/1, by Wireshark's names. */
import { type Field, fieldsInto } from '../../src/core/node.js';

/** All fields of the room. */
export const HTTP_FIELDS: Field[] = [];
const field = fieldsInto(HTTP_FIELDS);

export const HTTP = field('http', 'HTTP');
export const START_LINE = field('http.chat', 'Start line');
export const IS_REQUEST = field('http.request', 'Request', 'bool');
export const REQUEST_METHOD = field('http.request.method', 'Request method', 'string');
export const HTTP_URI = field('http.request.uri', 'Request URI', 'string');
export const FULL_URI = field('http.request.full_uri', 'Full request URI', 'string');
export const REQUEST_VERSION = field('http.request.version', 'Request version', 'string');
/** Headers that have no field of their own; Wireshark has all of them here, too. */
export const REQUEST_LINE = field('http.request.line', 'Header', 'string');
export const IS_RESPONSE = field('http.response', 'Response', 'bool');
export const RESPONSE_VERSION = field('http.response.version', 'Response version', 'string');
export const RESPONSE_CODE = field('http.response.code', 'Status code', 'uint16');
export const RESPONSE_PHRASE = field('http.response.phrase', 'Response phrase', 'string');
export const RESPONSE_LINE = field('http.response.line', 'Header', 'string');
export const HTTP_CONTENT_LENGTH = field('http.content_length', 'Content length', 'uint64');
export const CONTENT_LENGTH_HEADER = field('http.content_length_header', 'Content-Length', 'string');
export const HTTP_CHUNK_SIZE = field('http.chunk_size', 'Chunk size', 'uint32');
export const HTTP_CHUNK_DATA = field('http.chunk_data', 'Chunk data', 'bytes');
export const HTTP_CHUNK_BOUNDARY = field('http.chunk_boundary', 'Chunk boundary', 'bytes');
export const TRAILER = field('http.chunked_trailer_part', 'Trailer', 'string');
export const ENCODED_BODY = field('http.encoded_body', 'Encoded body', 'bytes');
/** What the caller reads the content in. */
export const FILE_DATA = field('http.file_data', 'Content', 'bytes');

/** Headers that have a field of their own, by their names in lower case. */
export const KNOWN_HEADERS: ReadonlyMap<string, Field> = new Map([
  ...[
    'Accept',
    'Accept-Encoding',
    'Authorization',
    'Cache-Control',
    'Connection',
    'Content-Encoding',
    'Content-Type',
    'Cookie',
    'Date',
    'Host',
    'Location',
    'Proxy-Authenticate',
    'Proxy-Authorization',
    'Server',
    'Set-Cookie',
    'Transfer-Encoding',
    'User-Agent',
    'WWW-Authenticate',
    'X-Forwarded-For',
  ].map((name): [string, Field] => {
    const key = name.toLowerCase();
    return [key, field(`http.${key.replaceAll('-', '_')}`, name, 'string')];
  }),
]);
