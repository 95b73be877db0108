/** Which streams are remoting's, and how long their messages are: RFC 9112 6 and 7, and what nobody should send. */
import { performance } from 'node:perf_hooks';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HTTP_STREAM } from '../../dissectors/http/index.js';
import { NOT_YET, TO_THE_END } from '../../src/core/dissector.js';
import { bytesOf, lengthsOf } from './support.js';

/** The header of an NRBF stream, a BinaryMethodCall, a BinaryMethodReturn, and a class of a library. */
const HEADER = '\0\x01\0\0\0\xff\xff\xff\xff\x01\0\0\0\0\0\0\0';
const CALL = `${HEADER}\x15\x11\0\0\0`;
const RETURN = `${HEADER}\x16\x11\x02\0\0\x0b`;
const OBJECT = `${HEADER}\x0c\x02\0\0\0`;
const ENVELOPE = '<SOAP-ENV:Envelope xmlns:x="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Body>';
const CLR_CALL = `${ENVELOPE}<i2:Add xmlns:i2="http://schemas.microsoft.com/clr/nsassem/T/A">`;

const OCTETS = 'Content-Type: application/octet-stream\r\n';
const XML = 'Content-Type: text/xml; charset="utf-8"\r\n';
const AGENT =
  'User-Agent: Mozilla/4.0+(compatible; MSIE 6.0; Windows 6.0.6000.0; MS .NET Remoting; MS .NET CLR 2.0.50727 )\r\n';
const MONO = 'User-Agent: Mozilla/4.0+(compatible; Mono Remoting; Mono 4.0.30319.42000)\r\n';
const CLR_ACTION = 'SOAPAction: "http://schemas.microsoft.com/clr/nsassem/T/A#M"\r\n';

const post = (headers: string, body = '', more = 'Host: h\r\n') =>
  `POST /x.rem HTTP/1.1\r\n${more}${headers}Content-Length: ${Math.max(body.length, 40)}\r\n\r\n${body}`;
const answer = (headers: string, body = '') => `HTTP/1.1 200 OK\r\nDate: x\r\n${headers}\r\n${body}`;

function opens(text: string): boolean {
  const b = bytesOf('.....', text, '');
  return HTTP_STREAM.opens(b, 5, b.length);
}

describe('a stream is of .NET remoting (MS-NRTP 2.2.4) that begins with', () => {
  it.each([
    ['a request of .NET', post(OCTETS + AGENT, CALL)],
    ['one of Mono, whose body waits for 100 Continue', post(`${OCTETS}${MONO}Expect: 100-continue\r\n`)],
    ['a GET that says so', `GET /x.rem?wsdl HTTP/1.1\r\nHost: h\r\n${AGENT}\r\n`],
    ['NRBF', post(OCTETS, CALL)],
    ['NRBF from some other agent', post(`${OCTETS}User-Agent: player\r\n`, CALL)],
    ['NRBF of no said type', post('', CALL)],
    ['M-POST', post(OCTETS, CALL).replace('POST', 'M-POST')],
    [
      'NRBF in a chunk',
      `POST / HTTP/1.1\r\n${OCTETS}Transfer-Encoding: chunked\r\n\r\n1\r\n\0\r\n10\r\n${CALL.slice(1, 17)}\r\n5\r\n`,
    ],
    ['the first byte of NRBF', post(OCTETS, '\0')],
    ['nothing yet of a body that may be NRBF', post(OCTETS)],
    ['a SOAPAction of the CLR', post(XML + CLR_ACTION)],
    [
      'one without quotes, in lower case',
      post(XML + CLR_ACTION.replaceAll('"', '').replace('SOAPAction', 'soapaction')),
    ],
    ['one with a prefix (RFC 2774)', post(`${XML}01-${CLR_ACTION}`)],
    ['an envelope with a type of the CLR', post(XML, CLR_CALL)],
    ['a POST whose head is cut early', 'POST /warehouse.rem HTTP/1.1\r\nHost: 10.30.0.20:808'],
    ['a POST whose start line is cut', 'POST /warehouse.rem'],
    ['an answer that says so', answer('Server: MS .NET Remoting, MS .NET CLR 2.0.50727.42\r\n')],
    ['an answer with a method return, of no said type', answer('Server: Mono-HTTPAPI/1.0\r\n', RETURN)],
    ['an answer with a method return in a chunk', answer('Transfer-Encoding: chunked\r\n', `17\r\n${RETURN}\r\n`)],
    ['an answer with an envelope of the CLR', answer(XML, CLR_CALL)],
    ['lines that end in LF alone', post(OCTETS + AGENT, CALL).replaceAll('\r\n', '\n')],
  ])('%s', (_name, text) => expect(opens(text)).toBe(true));

  it.each([
    ['nothing of HTTP', 'hello world, how are you?'],
    ['a GET', 'GET /index.html HTTP/1.1\r\nHost: h\r\nUser-Agent: Mozilla/5.0\r\nAccept: */*\r\n\r\n'],
    ['the beginning of a GET', 'GET /index.html HTTP/1.1\r\nHost: h'],
    ['a form', post('Content-Type: application/x-www-form-urlencoded\r\n', 'a=b')],
    ['JSON', post('Content-Type: application/json\r\n', '{}')],
    ['an upload of other bytes', post(OCTETS, '\x89PNG\r\n\x1a\n0123456789abcdef')],
    ['an upload that waits, of another agent', post(`${OCTETS}User-Agent: curl/8.0\r\n`)],
    ['an upload too short for NRBF', `POST / HTTP/1.1\r\n${OCTETS}Content-Length: 3\r\n\r\n`],
    ['compressed bytes', post(`${OCTETS}Content-Encoding: gzip\r\n`, CALL)],
    ['a SOAPAction of others', post(`${XML}SOAPAction: "http://tempuri.org/Add"\r\n`, CLR_CALL)],
    ['an envelope of others', post(XML, ENVELOPE)],
    ['a cut head of another agent', 'POST / HTTP/1.1\r\nUser-Agent: curl/8.0\r\nHost: '],
    ['a cut head of another type', 'POST / HTTP/1.1\r\nContent-Type: text/plain\r\nHost: '],
    ['a download', answer(OCTETS, '\x89PNG\r\n\x1a\n0123456789abcdef')],
    ['a download of a serialized object', answer(OCTETS, OBJECT)],
    ['an answer with its head alone', answer('Server: Mono-HTTPAPI/1.0\r\n')],
    ['100 Continue', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['RTSP', 'OPTIONS rtsp://h/x RTSP/1.0\r\nCSeq: 1\r\n\r\n'],
    ['SIP', 'INVITE sip:a@b SIP/2.0\r\nVia: x\r\n\r\n'],
    ['SMTP', 'EHLO mail.example.org\r\n'],
  ])('and is not: %s', (_name, text) => expect(opens(text)).toBe(false));

  it('what is too short to tell may be the beginning of a POST or of an answer', () => {
    const may = (text: string): boolean => HTTP_STREAM.mayBegin(bytesOf(text), 0, text.length);
    expect(['P', 'POST /x', 'M-POST ', 'HTTP/1.1 20'].map(may)).toEqual([true, true, true, true]);
    expect(['GET /', 'PUT /', 'HTTP/2', 'post', '\x05\0\x0b'].map(may)).toEqual([false, false, false, false, false]);
  });
});

/** What the cutter makes of a stream that comes at once. */
const cut = (...parts: (string | Uint8Array)[]) => {
  const b = bytesOf(...parts);
  return lengthsOf(b, [b.length]);
};

describe('the length of a message (RFC 9112 6.3)', () => {
  const head = (headers: string) => `POST / HTTP/1.1\r\n${headers}\r\n`;
  const plain = head('Content-Length: 4\r\n');

  it.each<[string, string, number]>([
    ['a request without a length has no body', head('Host: h\r\n'), 0],
    ['Content-Length', `${plain}body`, 0],
    ['twice the same', `${head('Content-Length: 4, 4\r\ncontent-length:4\r\n')}body`, 0],
    ['chunks', `${head('Transfer-Encoding: chunked\r\n')}4\r\nbody\r\n0\r\n\r\n`, 0],
    [
      'chunks beside a length',
      `${head('Content-Length: 1\r\nTransfer-Encoding: Chunked\r\n')}4\r\nbody\r\n0\r\n\r\n`,
      0,
    ],
    [
      'chunks with extensions and trailers',
      `${head('Transfer-Encoding: gzip, chunked\r\n')}04;a="b"\r\nbody\r\n000;c\r\nX: y\r\n Z\r\n\r\n`,
      0,
    ],
    ['an answer that has no body', 'HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n', 0],
    ['100 Continue', 'HTTP/1.1 100 Continue\r\n\r\n', 0],
    ['304 without a phrase', 'HTTP/1.1 304\r\nContent-Length: 9\r\n\r\n', 0],
    ['lines that end in LF', 'POST / HTTP/1.0\nContent-Length: 4\n\nbody', 0],
    ['the shortest', 'A / HTTP/1.1\n\n', 0],
  ])('%s', (_name, text) => expect(cut(text, plain, 'body')).toEqual([text.length, plain.length + 4]));

  it.each<[string, string]>([
    ['without a length', 'HTTP/1.1 200 OK\r\nServer: x\r\n\r\nbody'],
    ['with lengths that differ', 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nbody'],
    ['with a length that is none', 'HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\nbody'],
    ['with a length in hex', 'HTTP/1.0 200 OK\r\nContent-Length: 0x4\r\n\r\nbody'],
    ['whose coding is not chunked', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nContent-Length: 4\r\n\r\nbody'],
  ])('an answer %s lasts until its stream ends', (_name, text) => expect(cut(text)).toEqual([TO_THE_END]));

  it.each(['4, 5', '', '+4', '4 4', '99999999999999999999', '4,'])(
    'a request whose length is "%s" has no body',
    (length) => {
      const text = head(`Content-Length: ${length}\r\n`);
      expect(cut(text)).toEqual([text.length]);
    },
  );

  const chunked = head('Transfer-Encoding: chunked\r\n');
  it.each([
    ['2^53 bytes', head('Content-Length: 9007199254740991\r\n')],
    ['a chunk whose size is negative', `${chunked}-1\r\n`],
    ['a chunk whose size overflows', `${chunked}fffffffffffffffff\r\n`],
    ['a chunk of 2^64 - 1', `${chunked}ffffffffffffffff\r\n`],
    ['a chunk without a size', `${chunked}\r\n`],
    ['a chunk whose line ends in LF', `${chunked}4\nbody\r\n`],
    ['a chunk that is longer than its size', `${chunked}3\r\nbody\r\n0\r\n\r\n`],
    ['a chunk extension without end', `${chunked}1;${'x'.repeat(5000)}`],
    ['trailers without end', `${chunked}0\r\n${'X: y\r\n'.repeat(20_000)}`],
    ['a head of 1 MB', head(`X: ${'x'.repeat(1 << 20)}\r\n`)],
    ['a million headers', head('a:b\n'.repeat(1_000_000))],
    ['a head of which no line ends', `POST / HTTP/1.1\r\n${'x'.repeat(100_000)}`],
    ['a head whose lines end in CR alone', `POST / HTTP/1.1\r${'Host: h\r'.repeat(10_000)}\r`],
    ['a target without end', `POST /${'x'.repeat(100_000)}`],
  ])('none: %s', (_name, text) => expect(cut(text)).toEqual([0]));

  it('a message may be as long as it likes: what is kept of it is bounded elsewhere', () => {
    const text = bytesOf(head('Content-Length: 100000000\r\n'));
    const length = HTTP_STREAM.pduLength(text, 0, text.length, { at: 0, state: 0 });
    expect(length).toBe(text.length + 100_000_000);
    expect(cut(`${chunked}ffffffff\r\ndata`)).toEqual([NOT_YET]);
  });

  it('chunks of one byte up to 1 TB are no message', () => {
    const parts = bytesOf(chunked, '1\r\nx\r\n'.repeat(1 << 12));
    const measuring = { at: 0, state: 0 };
    expect(HTTP_STREAM.pduLength(parts, 0, parts.length, measuring)).toBe(NOT_YET);
    measuring.at += 2 ** 40;
    expect(HTTP_STREAM.pduLength(parts, 0, parts.length, measuring)).toBe(0);
  });

  it('nothing is looked at twice where bytes come one by one', () => {
    const text = bytesOf(
      head(`Transfer-Encoding: chunked\r\nX: ${'x'.repeat(60_000)}\r\n`),
      '1;e\r\nx\r\n'.repeat(10_000),
      '0\r\n\r\n',
    );
    const before = performance.now();
    expect(
      lengthsOf(
        text,
        Array.from(text, (_, i) => i + 1),
      ),
    ).toEqual([text.length]);
    expect(performance.now() - before).toBeLessThan(5000);
  });

  it('does not depend on where segments end, whatever the bytes', () => {
    const piece = fc.constantFrom(
      ...[
        plain,
        chunked,
        '4\r\nbody\r\n',
        '0\r\n',
        '\r\n',
        'body',
        'HTTP/1.1 200 OK\r\n',
        'X: y\r\n',
        '\n',
        '\r',
        ' ',
        '1',
        'POST ',
      ],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.array(fc.nat(200), { maxLength: 12 }), (parts, cuts) => {
        const b = bytesOf(...parts);
        const arrivals = [...cuts.filter((at) => at < b.length).sort((x, y) => x - y), b.length];
        expect(lengthsOf(b, arrivals)).toEqual(lengthsOf(b, [b.length]));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('what is passed over', () => {
  const passes = (text: string, length: number): boolean | undefined => {
    const b = bytesOf(text);
    return HTTP_STREAM.passes?.(b, 0, b.length, length, null);
  };
  it.each<[string, string, number, boolean]>([
    ['a large picture', answer('Content-Type: image/png\r\n', 'x'), 100_000, true],
    ['a small one', answer('Content-Type: image/png\r\n', 'x'), 1000, false],
    ['large bytes that are not NRBF', answer(OCTETS, 'x'.repeat(18)), 100_000, true],
    ['large NRBF', answer(OCTETS, RETURN), 100_000, false],
    ['a large envelope', answer(XML, CLR_CALL), 100_000, false],
    ['what is compressed', answer(`${OCTETS}Content-Encoding: gzip\r\n`, 'x'.repeat(18)), 100_000, false],
    ['large bytes that are still to come', answer(OCTETS), 100_000, false],
  ])('%s', (_name, text, length, passed) => expect(passes(text, length)).toBe(passed));
});

it('looks for the next message behind a hole in no time, whatever the bytes', () => {
  for (const text of [
    'A A ',
    'A/',
    'AAAAAAAAAAAAAAAAAAAA ',
    'POST /',
    'HTTP/1.',
    'GET /x HTTP/1',
    'AA /////////////////////////////',
  ]) {
    const b = bytesOf(text.repeat((1 << 20) / text.length));
    // each byte a look of its own at all behind it would take minutes
    const before = performance.now();
    for (let at = 0; at + HTTP_STREAM.headerLength <= b.length; at++) HTTP_STREAM.claims(b, at, b.length);
    expect(performance.now() - before).toBeLessThan(10_000);
  }
});
