/** Messages of HTTP/1 as trees and values: RFC 9112, with what is allowed to be odd, and with what is hostile. */
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FILE_DATA, type HttpHeading, headerValue, writeHttp } from '../../dissectors/http/index.js';
import { readHttp } from '../../dissectors/http/read.js';
import { Cursor } from '../../src/core/cursor.js';
import type { Node } from '../../src/core/node.js';
import { Recording } from '../../src/core/recording.js';
import { fileSource } from '../../src/core/source.js';
import { bytesOf, messageOf } from './support.js';

const POST = 'POST /x.rem HTTP/1.1\r\n';

/** Leaves in order, as `name=value`. */
function leaves(nodes: readonly Node[]): string[] {
  return nodes.flatMap((n) => (n.children.length > 0 ? leaves(n.children) : [`${n.field.name}=${text(n)}`]));
}

function text({ value }: Node): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value);
}

/** Content of a message, as text. */
function contentOf(bytes: Uint8Array, limits = {}) {
  const { message, recording, codes } = messageOf(bytes, { limits });
  const { content } = message!;
  return {
    content: content && Buffer.from(content.source.bytes.subarray(content.start, content.end)).toString('latin1'),
    name: content?.source.name,
    message: message!,
    recording,
    codes,
  };
}

describe('a message', () => {
  it('has a leaf for each of its lines, by the names of Wireshark', () => {
    const { recording } = messageOf(
      bytesOf(
        `${POST}Host: h:8080\r\nContent-Type: text/xml; charset="utf-8"\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\nbody`,
      ),
    );
    expect(leaves(recording.roots)).toEqual([
      'http.request.method=POST',
      'padding= ',
      'http.request.uri=/x.rem',
      'padding= ',
      'http.request.version=HTTP/1.1',
      'padding=\r\n',
      'http.request=true',
      'http.host=h:8080',
      'http.request.line=Host: h:8080\r\n',
      'http.content_type=text/xml; charset="utf-8"',
      'http.request.line=Content-Type: text/xml; charset="utf-8"\r\n',
      'http.request.line=Expect: 100-continue\r\n',
      'http.content_length=4',
      'http.request.line=Content-Length: 4\r\n',
      'padding=\r\n',
      'http.request.full_uri=http://h:8080/x.rem',
      'undissected=body',
    ]);
    const [http] = recording.roots;
    expect([http.field.name, http.display]).toEqual(['http', 'POST /x.rem']);
    expect(http.children.map((n) => [n.start, n.end]).filter(([a, b]) => b > a)).toEqual([
      [0, 22],
      [22, 36],
      [36, 77],
      [77, 99],
      [99, 118],
      [118, 120],
    ]);
  });

  it('that answers has its status line, with or without a phrase', () => {
    const lines = ['HTTP/1.1 500 Bad Request\r\n', 'HTTP/1.0 200 \r\n', 'HTTP/1.1 200\r\n'];
    const found = lines.map((line) => messageOf(bytesOf(line, 'Content-Length: 0\r\n\r\n')).message);
    expect(found.map((m) => m?.kind === 'response' && [m.version, m.status, m.phrase, m.startLine ?? null])).toEqual([
      ['1.1', 500, 'Bad Request', null],
      ['1.0', 200, '', null],
      ['1.1', 200, '', 'HTTP/1.1 200\r\n'],
    ]);
  });

  it('keeps its connection open as RFC 9112 9.3 has it', () => {
    const keeps = (start: string, header: string): boolean | undefined =>
      messageOf(bytesOf(start, header, '\r\n\r\n')).message?.keepsOpen;
    expect(keeps('HTTP/1.1 204 No\r\n', 'Server: x')).toBe(true);
    expect(keeps('HTTP/1.1 204 No\r\n', 'Connection: Close')).toBe(false);
    expect(keeps('HTTP/1.0 204 No\r\n', 'Server: x')).toBe(false);
    expect(keeps('HTTP/1.0 204 No\r\n', 'connection: Keep-Alive')).toBe(true);
    expect(keeps('HTTP/1.1 200 OK\r\n', 'Server: x')).toBe(false);
  });

  it('read without a tree is the same', () => {
    const bytes = bytesOf(POST, 'Transfer-Encoding: chunked\r\nX:\r\n y\r\n\r\n4;a\r\nbody\r\n0\r\nT: u\r\n\r\n');
    const [drawn, plain] = [true, false].map((on) => messageOf(bytes, { on }));
    expect(plain.recording.roots).toEqual([]);
    expect({ ...plain.message, body: null, content: null }).toEqual({ ...drawn.message, body: null, content: null });
    expect(plain.message?.content?.source.bytes).toEqual(drawn.message?.content?.source.bytes);
  });
});

describe('a body', () => {
  it('that is plain stays where it is, unread', () => {
    const { message } = messageOf(bytesOf(POST, 'Content-Length: 4\r\n\r\nbodymore'));
    const { content } = message!;
    expect([content?.source.name, content?.start, content?.end]).toEqual(['PDU', 43, 47]);
    expect(message?.body).toBe(content);
  });

  it('in chunks is joined, and its chunks, their lines and trailers are leaves', () => {
    const { content, name, message, recording, codes } = contentOf(
      bytesOf(POST, 'Transfer-Encoding: chunked\r\n\r\n2;x=1\r\nbo\r\n02\r\ndy\r\n0\r\nX: y\r\n\r\n'),
    );
    expect([content, name, codes]).toEqual(['body', 'Content', []]);
    expect(message.chunks).toEqual([
      { size: 2, line: '2;x=1\r\n' },
      { size: 2, line: '02\r\n' },
      { size: 0, line: null },
    ]);
    expect(message.trailers.map(({ name, value }) => [name, value])).toEqual([['X', 'y']]);
    expect(leaves(recording.roots).slice(9)).toEqual([
      'padding=\r\n',
      ...['http.chunk_size=2', 'http.chunk_data=bo', 'http.chunk_boundary=\r\n'],
      ...['http.chunk_size=2', 'http.chunk_data=dy', 'http.chunk_boundary=\r\n'],
      ...['http.chunk_size=0', 'http.chunked_trailer_part=X: y\r\n', 'padding=\r\n'],
    ]);
  });

  const plain = 'much the same, much the same, much the same';
  it.each<[string, string, Uint8Array]>([
    ['gzip', 'gzip', gzipSync(plain)],
    ['gzip by its old name', 'X-GZIP', gzipSync(plain)],
    ['deflate', 'deflate', deflateSync(plain)],
    ['deflate as some send it', 'identity, deflate', deflateRawSync(plain)],
  ])('compressed by %s is inflated', (_name, coding, packed) => {
    const { content, name, message, codes } = contentOf(
      bytesOf(POST, `Content-Encoding: ${coding}\r\nContent-Length: ${packed.length}\r\n\r\n`, packed),
    );
    expect([content, name, codes]).toEqual([plain, 'Inflated content', []]);
    expect(message.body && message.body.end - message.body.start).toBe(packed.length);
  });

  it('is read where it lies, below what the caller has open, and all bytes stay in leaves', () => {
    const packed = gzipSync(plain);
    const half = packed.length >> 1;
    const hex = [half, packed.length - half].map((n) => n.toString(16));
    const bytes = bytesOf(
      ...[
        POST,
        'Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n',
        `${hex[0]}\r\n`,
        packed.subarray(0, half),
      ],
      ...[`\r\n${hex[1]}\r\n`, packed.subarray(half), '\r\n0\r\n\r\n'],
    );
    const recording = new Recording(true);
    const c = new Cursor(fileSource('PDU', bytes), recording);
    const { content } = readHttp(c);
    expect(c.over(content!.source).raw(FILE_DATA, plain.length)).toHaveLength(plain.length);
    recording.finish();
    expect(recording.sources.map((s) => s.name)).toEqual(['PDU', 'Content', 'Inflated content']);
    expect(leaves(recording.roots).filter((leaf) => leaf.startsWith('undissected'))).toEqual([]);
    expect(leaves(recording.roots).at(-1)).toBe(`http.file_data=${plain}`);
  });

  it.each<[string, string, Uint8Array, string]>([
    ['is damaged', 'gzip', gzipSync(plain).subarray(0, -9), 'malformed'],
    ['is none', 'deflate', bytesOf('xx'), 'malformed'],
    ['is of a kind unknown here', 'br', bytesOf('xx'), 'http-coding'],
    ['was compressed twice', 'gzip, gzip', gzipSync(gzipSync(plain)), 'http-coding'],
    ['is called like what all objects have', 'constructor', bytesOf('xx'), 'http-coding'],
    ['is a bomb', 'gzip', gzipSync(new Uint8Array(1 << 24)), 'limit'],
  ])('that %s has no content, and is a leaf', (_name, coding, packed, code) => {
    const { content, recording, codes } = contentOf(
      bytesOf(POST, `Content-Encoding: ${coding}\r\nContent-Length: ${packed.length}\r\n\r\n`, packed),
      { stubBytes: 1 << 20 },
    );
    expect([content, codes]).toEqual([null, [code]]);
    expect(leaves(recording.roots).at(-1)).toBe(`http.encoded_body=${Buffer.from(packed).toString('latin1')}`);
  });
});

describe('what is odd is said, and read', () => {
  it.each<[string, string, string[], [string, string][]]>([
    ['lines that end in LF', 'POST / HTTP/1.1\nA: b\n\r\n', ['http-line'], [['A', 'b']]],
    [
      'a folded header',
      `${POST}A: b\r\n\t  c\r\nD: e\r\n\r\n`,
      ['http-folded'],
      [
        ['A', 'b c'],
        ['D', 'e'],
      ],
    ],
    ['a line without a colon', `${POST}A b\r\n\r\n`, ['http-header'], [['', 'A b']]],
    ['a blank before the colon', `${POST}A : b\r\n\r\n`, ['http-header'], [['A ', 'b']]],
    [
      'no value, and blanks',
      `${POST}A:\r\nB:  \t c \r\n\r\n`,
      [],
      [
        ['A', ''],
        ['B', 'c'],
      ],
    ],
    ['a length that is none', `${POST}Content-Length: x\r\n\r\n`, ['http-length'], [['Content-Length', 'x']]],
    [
      'a length beside chunks',
      `${POST}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      ['http-length'],
      [
        ['Content-Length', '1'],
        ['Transfer-Encoding', 'chunked'],
      ],
    ],
  ])('%s', (_name, given, codes, headers) => {
    const found = messageOf(bytesOf(given));
    expect(found.codes).toEqual(codes);
    expect(found.message?.headers.map(({ name, value }) => [name, value])).toEqual(headers);
    expect(Buffer.from(writeHttp(found.message!, new Uint8Array())).toString('latin1')).toBe(given);
  });

  it('a thing is said once a message', () => {
    const { codes } = messageOf(bytesOf('POST / HTTP/1.1\n', 'a\n'.repeat(30_000), '\n'));
    expect(codes).toEqual(['http-line', 'http-header']);
  });

  it('header bytes that are UTF-8 are shown so, others as Latin-1; values keep a byte a character', () => {
    const { message, recording } = messageOf(bytesOf(POST, 'Host: \xc3\xa4\r\nServer: \xe4\x07\r\n\r\n'));
    expect(leaves(recording.roots).filter((leaf) => /host|server/.test(leaf))).toEqual([
      'http.host=ä',
      'http.server=ä\x07',
    ]);
    expect(message?.headers.map(({ value }) => value)).toEqual(['\xc3\xa4', '\xe4\x07']);
  });

  it.each([
    ['in its head', `${POST}Host: h\r\nCont`, 'truncated'],
    ['in its body', `${POST}Content-Length: 9\r\n\r\nbody`, 'truncated'],
    ['in a chunk', `${POST}Transfer-Encoding: chunked\r\n\r\n9\r\nbody`, 'truncated'],
    ['behind a chunk', `${POST}Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r`, 'truncated'],
    ['in a chunk size', `${POST}Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n1`, 'truncated'],
    ['in its trailers', `${POST}Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\nX: y\r\n`, 'truncated'],
    ['in its start line', 'POST /xxxxxxxxxxxxxxxx', 'malformed'],
  ])('cut %s: what was captured stays', (_name, given, code) => {
    const { message, codes, recording } = messageOf(bytesOf(given), { length: 1000 });
    expect(codes).toEqual([code]);
    expect(message?.isWhole ?? false).toBe(false);
    const all = leaves(recording.roots).filter((leaf) => !/^http\.(request|request\.full_uri)=/.test(leaf));
    if (message?.chunks != null || given.includes('9\r\nbody'))
      expect(Buffer.from(message?.body?.source.bytes ?? []).toString('latin1')).toContain('body');
    expect(all.length).toBeGreaterThan(0);
  });

  it.each([
    ['a size that is none', 'x\r\nbody\r\n0\r\n\r\n'],
    ['no CRLF behind the data', '3\r\nbody\r\n0\r\n\r\n'],
  ])('chunks with %s: the head stays', (_name, chunks) => {
    const { message, codes } = messageOf(bytesOf(POST, 'Transfer-Encoding: chunked\r\n\r\n', chunks));
    expect(codes).toEqual(['malformed']);
    expect([message?.isWhole, headerValue(message!, 'transfer-encoding')]).toEqual([false, 'chunked']);
  });

  it('chunks without number are not all read', () => {
    const { message, codes } = messageOf(
      bytesOf(POST, 'Transfer-Encoding: chunked\r\n\r\n', '1\r\nx\r\n'.repeat(70_000)),
    );
    expect(codes).toEqual(['limit']);
    expect([message?.isWhole, message?.chunks?.length]).toEqual([false, 65536]);
  });
});

it('is never at a loss: whatever bytes follow a start line, every byte is in one leaf', () => {
  const piece = fc.constantFrom(
    ...[
      'Transfer-Encoding: chunked\r\n',
      'Content-Length: 3\r\n',
      'Content-Encoding: gzip\r\n',
      'a: b\r\n',
      ' \r\n',
      '\n',
      '\r',
    ],
    ...['\r\n', '1\r\nx\r\n', '0\r\n', '4\r\nbo', ':', '\xff', 'x'],
  );
  const start = fc.constantFrom(POST, 'HTTP/1.1 200 OK\r\n', 'HTTP/1.0 304\n', 'POST / HTTP/1.0\r');
  fc.assert(
    fc.property(start, fc.array(piece, { maxLength: 10 }), fc.nat(3), (first, rest, lost) => {
      const bytes = bytesOf(first, ...rest);
      const { recording, codes } = messageOf(bytes, { length: bytes.length + lost });
      expect(codes).not.toContain('bug');
      const spans: [number, number][] = [];
      const walk = (nodes: readonly Node[]): void => {
        for (const n of nodes)
          if (n.children.length > 0) walk(n.children);
          else if (n.source === recording.sources[0] && n.end > n.start) spans.push([n.start, n.end]);
      };
      walk(recording.roots);
      let at = 0;
      for (const [from, to] of spans.sort((a, b) => a[0] - b[0])) {
        expect(from).toBe(at);
        at = to;
      }
      expect(at).toBe(bytes.length);
    }),
    { numRuns: 2000 },
  );
});

describe('writing', () => {
  const heading: HttpHeading = {
    kind: 'request',
    method: 'POST',
    target: '/x.rem',
    version: '1.1',
    headers: [{ name: 'Host', value: 'h' }],
  };

  it('takes plain headings, as scenarios have them', () => {
    const text = (h: HttpHeading, body: string): string => Buffer.from(writeHttp(h, bytesOf(body))).toString('latin1');
    expect(text(heading, 'body')).toBe('POST /x.rem HTTP/1.1\r\nHost: h\r\n\r\nbody');
    expect(text({ kind: 'response', status: 202, phrase: 'Accepted', version: '1.1', headers: [] }, '')).toBe(
      'HTTP/1.1 202 Accepted\r\n\r\n',
    );
    expect(
      text(
        { ...heading, chunks: [{ size: 3 }, { size: 1 }, { size: 0 }], trailers: [{ name: 'X', value: '' }] },
        'body',
      ),
    ).toBe('POST /x.rem HTTP/1.1\r\nHost: h\r\n\r\n3\r\nbod\r\n1\r\ny\r\n0\r\nX: \r\n\r\n');
  });

  it('refuses chunks that are not the body', () => {
    expect(() => writeHttp({ ...heading, chunks: [{ size: 3 }, { size: 0 }] }, bytesOf('body'))).toThrow(
      'chunks of 3 bytes in all for a body of 4',
    );
  });
});
