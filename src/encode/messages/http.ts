/** Remoting messages over HTTP from documents (MS-NRTP 2.2.4; RFC 9112). */
import { type HttpHeading, writeHttp } from '../../../dissectors/http/index.js';
import { HTTP_CHUNK, HTTP_MESSAGES, type HttpHeaderJson, OPERATION } from '../documents/message-shapes.js';
import { checked } from '../documents/schema.js';
import { EncodeError, type JsonObject, numberAt } from '../error.js';
import { checkChunks, type MessageContent, saidOnce, utf8At } from './content.js';

/** How .NET calls itself. */
const CLIENT = 'Mozilla/4.0+(compatible; MSIE 6.0; Windows 6.2.9200.0; MS .NET Remoting; MS .NET CLR 4.0.30319.42000 )';
const SERVER = 'MS .NET Remoting, MS .NET CLR 4.0.30319.42000';
const PHRASES: Readonly<Record<number, string>> = {
  100: 'Continue',
  200: 'OK',
  202: 'Accepted',
  400: 'Bad Request',
  500: 'Internal Server Error',
};

/** The largest chunk. */
const MOST = 0xffffffff;

type Header = HttpHeading['headers'][number];
type Chunks = NonNullable<HttpHeading['chunks']>;

/** The bytes of a document. */
export function httpMessage(json: JsonObject, content: MessageContent, path: string): Uint8Array {
  const operation = checked(OPERATION, json.operation, `${path}.operation`);
  if (operation === 'one-way')
    throw new EncodeError(`${path}.operation`, 'over HTTP nothing in a request says that it is one-way');
  return writeHttp((operation === 'request' ? request : reply)(json, content, path), content.bytes);
}

function request(json: JsonObject, content: MessageContent, path: string): HttpHeading {
  const o = checked(HTTP_MESSAGES.request, json, path);
  saidOnce(o, 'startLine', ['method', 'target', 'uri', 'version'], path);
  saidOnce(o, 'target', ['uri'], path);
  saidOnce(o, 'headers', ['contentType', 'soapAction', 'host'], path);
  if (o.target === undefined && o.uri === undefined && o.startLine == null)
    throw new EncodeError(`${path}.target`, 'it is missing');
  const {
    method = 'POST',
    version = '1.1',
    startLine = null,
    soapAction,
    host = 'localhost',
    contentType = content.type,
  } = o;
  const target = o.target ?? `/${encodeURI(utf8At(o.uri ?? '', `${path}.uri`)).replace(/^\//, '')}`;
  const headers = [
    { name: 'User-Agent', value: CLIENT },
    ...named('Content-Type', contentType),
    ...named('SOAPAction', soapAction),
    { name: 'Host', value: host },
  ];
  return { kind: 'request', method, target, version, startLine, ...restOf(o, headers, content, path) };
}

function reply(json: JsonObject, content: MessageContent, path: string): HttpHeading {
  const o = checked(HTTP_MESSAGES.reply, json, path);
  saidOnce(o, 'startLine', ['status', 'phrase', 'version'], path);
  saidOnce(o, 'headers', ['contentType'], path);
  const status = Number(o.status ?? 200);
  const { phrase = PHRASES[status] ?? '', version = '1.1', startLine = null, contentType = content.type } = o;
  const headers = [...named('Content-Type', contentType), { name: 'Server', value: SERVER }];
  return { kind: 'response', status, phrase, version, startLine, ...restOf(o, headers, content, path) };
}

function named(name: string, value: string | null | undefined): Header[] {
  return value == null ? [] : [{ name, value }];
}

interface Rest {
  readonly headers?: readonly HttpHeaderJson[] | undefined;
  readonly chunks?: readonly unknown[] | undefined;
  readonly trailers?: readonly HttpHeaderJson[] | undefined;
}

/** What stands behind the start line; `usual` headers, and one for the length, where the document has none. */
function restOf(
  { headers, chunks: list, trailers = [] }: Rest,
  usual: Header[],
  { bytes }: MessageContent,
  path: string,
) {
  const chunks = list === undefined ? null : chunksFrom(list, bytes, path);
  if (chunks === null && trailers.length > 0) throw new EncodeError(`${path}.trailers`, 'they stand behind chunks');
  const length =
    chunks === null
      ? { name: 'Content-Length', value: String(bytes.length) }
      : { name: 'Transfer-Encoding', value: 'chunked' };
  return {
    headers: headers?.map((h, i) => headerFrom(h, `${path}.headers[${i}]`)) ?? [...usual, length],
    chunks,
    trailers: trailers.map((h, i) => headerFrom(h, `${path}.trailers[${i}]`)),
  };
}

function headerFrom({ name, value, line }: HttpHeaderJson, path: string): Header {
  if (line !== undefined) {
    saidOnce({ name, value, line }, 'line', ['name', 'value'], path);
    return { name: '', value: '', line };
  }
  if (name === undefined || value === undefined)
    throw new EncodeError(`${path}.${name === undefined ? 'name' : 'value'}`, 'it is missing');
  return { name, value };
}

/** Chunks, with the one of size 0 that ends them. */
function chunksFrom(list: readonly unknown[], content: Uint8Array, path: string): Chunks {
  const chunks = list.map((json, i) => {
    const at = `${path}.chunks[${i}]`;
    const { size, line } = typeof json === 'object' ? checked(HTTP_CHUNK, json, at) : { size: json, line: undefined };
    const chunk = { size: numberAt(size, `${at}.size`, 0, MOST), line: line ?? null };
    if (line !== undefined && Number.parseInt(line, 16) !== chunk.size)
      throw new EncodeError(`${at}.line`, `it says another size than ${chunk.size}`);
    if (chunk.size === 0 && i < list.length - 1)
      throw new EncodeError(at, 'a chunk of size 0 ends them, and more follow');
    return chunk;
  });
  const sizes = chunks.map(({ size }) => size);
  checkChunks(sizes, content, path);
  return sizes.at(-1) === 0 ? chunks : [...chunks, { size: 0 }];
}
