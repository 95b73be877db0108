/** The members of documents of remoting messages: over TCP (MS-NRTP 2.2.3.3) and over HTTP (2.2.4). */
import * as v from 'valibot';
import { ENCODINGS, FORMATS } from '../../../dissectors/remoting/headers.js';
import { anyObject, anything, bool, hexDigits, int, list, may, mayNull, members, oneOf, text } from './schema.js';
import { ACCOUNT, kind, TALK } from './shapes.js';

const INT32 = 0x7fffffff;

export const TRANSPORT = oneOf('transport', ['nrtp_tcp', 'nrtp_http']);

/** What a message carries: a stream, an envelope as text, or bytes. */
export const CONTENT = members({ nrbf: may(anyObject), soap: may(text), hex: may(hexDigits) });

/** A message that is given as bytes, and why. */
export const RAW_MESSAGE = members({ kind: may(kind), transport: may(TRANSPORT), bytes: hexDigits, why: may(text) });

const message = { kind: may(kind), transport: may(TRANSPORT), content: may(anything), contentType: mayNull(text) };

export const OPERATION = oneOf('operation', ['request', 'one-way', 'reply']);

export const NRTP_MESSAGE = members({
  ...message,
  operation: OPERATION,
  uri: may(text),
  statusCode: may(int(0, 0xffff)),
  statusPhrase: may(text),
  close: may(bool),
  headers: may(list(anything)),
  chunks: may(list(int(1, INT32))),
});

const ENCODING = oneOf('encoding', Object.values(ENCODINGS));

/** A header over TCP: by name, or by token. */
export const NRTP_HEADER = members({
  header: anything,
  name: may(text),
  nameEncoding: may(ENCODING),
  format: may(oneOf('data format', Object.values(FORMATS))),
  encoding: may(ENCODING),
  value: may(anything),
});

/** Text of HTTP, a byte in each character: without ends of lines, and a line with its own. */
const BYTES_TEXT = v.custom<string>(
  (x) => typeof x === 'string' && /^[^\r\n\u0100-\uffff]*$/.test(x),
  'text of one line and of characters up to \u00ff is wanted',
);
const LINE = v.custom<string>(
  (x) => typeof x === 'string' && /^[^\u0100-\uffff]*\n$/.test(x),
  'a line with its end, of characters up to \u00ff, is wanted',
);

/** A header, or a line that is spelled otherwise than a header is written. */
const HTTP_HEADER = members({ name: may(BYTES_TEXT), value: may(BYTES_TEXT), line: may(LINE) });
export type HttpHeaderJson = v.InferOutput<typeof HTTP_HEADER>;

const http = {
  ...message,
  operation: OPERATION,
  version: may(BYTES_TEXT),
  startLine: may(LINE),
  headers: may(list(HTTP_HEADER)),
  chunks: may(list(anything)),
  trailers: may(list(HTTP_HEADER)),
};

/** A request and an answer over HTTP. */
export const HTTP_MESSAGES = {
  request: members({
    ...http,
    method: may(BYTES_TEXT),
    target: may(BYTES_TEXT),
    uri: may(text),
    host: may(BYTES_TEXT),
    soapAction: may(BYTES_TEXT),
  }),
  reply: members({ ...http, status: may(int(0, 999)), phrase: may(BYTES_TEXT) }),
} as const;

/** A chunk over HTTP whose size is spelled otherwise than it is written. */
export const HTTP_CHUNK = members({ size: int(0, 0xffffffff), line: may(LINE) });

/** A connection of a scenario that speaks remoting; `secure`: in a channel of NegotiateStream (MS-NNS). */
export const REMOTING_CONNECTION = members({
  ...TALK,
  transport: TRANSPORT,
  secure: may(bool),
  auth: mayNull(members(ACCOUNT)),
});

/** A call over it: by what its messages hold, or by whole messages. */
export const REMOTING_CALL = members({
  uri: may(text),
  oneWay: may(bool),
  call: may(anyObject),
  return: may(anyObject),
  fault: may(members({ status: may(int(1, 0xffff)), phrase: text })),
  request: may(anything),
  response: may(anything),
});

/** A message in place of a call. */
export const REMOTING_SENT = members({ message: anything, from: may(oneOf('side', ['client', 'server'])) });
