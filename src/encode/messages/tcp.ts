/** Remoting messages over TCP from documents (MS-NRTP 2.2.3.3). */
import { Operation } from '../../../dissectors/remoting/frame.js';
import {
  ENCODINGS,
  FORMATS,
  Format,
  type NrtpHeader,
  TOKENS,
  Token,
  USUAL_FORMATS,
  UTF8,
} from '../../../dissectors/remoting/headers.js';
import { writeNrtp } from '../../../dissectors/remoting/write.js';
import { NRTP_HEADER, NRTP_MESSAGE } from '../documents/message-shapes.js';
import { checked, oneOf } from '../documents/schema.js';
import { EncodeError, found, type Json, type JsonObject, numberAt, textAt } from '../error.js';
import { checkChunks, type MessageContent, saidOnce, utf8At } from './content.js';

const OPERATIONS = { request: Operation.request, 'one-way': Operation.oneWay, reply: Operation.reply };

/** Headers that have a member of their own, in the order in which they are written. */
const SHORT = ['uri', 'statusCode', 'statusPhrase', 'close', 'contentType'] as const;

/** The bytes of a document. */
export function tcpMessage(json: JsonObject, content: MessageContent, path: string): Uint8Array {
  const o = checked(NRTP_MESSAGE, json, path);
  const chunks = o.chunks?.map(Number) ?? null;
  if (chunks !== null) checkChunks(chunks, content.bytes, path);
  saidOnce(o, 'headers', SHORT, path);
  const { uri, statusCode, statusPhrase, close, contentType = content.type } = o;
  const headers = o.headers ?? [
    ...(uri === undefined ? [] : [{ header: 'RequestUri', value: uri }]),
    ...(statusCode === undefined ? [] : [{ header: 'StatusCode', value: Number(statusCode) }]),
    ...(statusPhrase === undefined ? [] : [{ header: 'StatusPhrase', value: statusPhrase }]),
    ...(close === true ? [{ header: 'CloseConnection' }] : []),
    ...(contentType === null ? [] : [{ header: 'ContentType', value: contentType }]),
  ];
  const operation = OPERATIONS[o.operation];
  const written = headers.map((h, i) => headerFrom(h as Json, `${path}.headers[${i}]`));
  return writeNrtp({ operation, headers: written, chunks }, content.bytes);
}

const HEADER_NAME = oneOf('header', Object.values(TOKENS).slice(1));
/** Least and most of numbers, by their format. */
const RANGES: Readonly<Record<number, readonly [number, number]>> = {
  [Format.byte]: [0, 0xff],
  [Format.uint16]: [0, 0xffff],
  [Format.int32]: [-0x80000000, 0x7fffffff],
};

function headerFrom(json: Json, path: string): NrtpHeader {
  const o = checked(NRTP_HEADER, json, path);
  const token = tokenAt(o.header, `${path}.header`);
  const text = (member: 'name' | 'value', encoding = ENCODINGS[UTF8]) => ({
    encoding: byName(ENCODINGS, encoding),
    text: (encoding === ENCODINGS[UTF8] ? utf8At : textAt)(o[member], `${path}.${member}`),
  });
  const refuse = (why: string, ...those: readonly (keyof typeof o)[]): void => {
    const odd = those.find((member) => o[member] !== undefined);
    if (odd !== undefined) throw new EncodeError(`${path}.${odd}`, why);
  };
  if (token === Token.custom) {
    refuse('a custom header has none', 'format');
    return { token, format: null, name: text('name', o.nameEncoding), value: text('value', o.encoding) };
  }
  refuse('only a custom header has one', 'name', 'nameEncoding');
  const format = o.format === undefined ? USUAL_FORMATS[token] : byName(FORMATS, o.format);
  if (format === undefined) throw new EncodeError(`${path}.format`, 'it is missing');
  if (format === Format.string) return { token, format, name: null, value: text('value', o.encoding) };
  refuse('only text has one', 'encoding');
  if (format === Format.void) refuse('a header without a value has none', 'value');
  const value = format === Format.void ? null : numberAt(o.value, `${path}.value`, ...RANGES[format]);
  return { token, format, name: null, value };
}

function tokenAt(json: unknown, path: string): number {
  if (typeof json === 'string') return byName(TOKENS, checked(HEADER_NAME, json, path));
  if (typeof json === 'number') return numberAt(json, path, 1, 0xffff);
  throw new EncodeError(path, `a header's name, or a token from 1 to 65535, is wanted, not ${found(json, path)}`);
}

/** The number that has a name in one of the tables of headers. */
function byName(names: Readonly<Record<number, string>>, name: string): number {
  return Number(Object.keys(names).find((key) => names[Number(key)] === name));
}
