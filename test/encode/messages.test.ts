/** Documents of remoting messages: every message of the captures becomes one, and the same bytes again. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sha256 } from '#platform';
import { protocols } from '../../dissectors/index.js';
import { encodeDocument } from '../../src/encode/documents/document.js';
import { messageDocument } from '../../src/encode/documents/extract-message.js';
import type { RemotingTransport } from '../../src/encode/messages/message.js';
import { scan } from '../../src/engine/scan.js';
import { KNOWN, throughJson } from './support.js';

const FOLDER = '../shared/captures/remoting';
const CAPTURES = existsSync(FOLDER)
  ? readdirSync(FOLDER)
      .filter((f) => f.endsWith('.pcap'))
      .map((f) => f.slice(0, -5))
  : [];

/** Whole messages, 100 Continue among them. */
async function messagesOf(name: string): Promise<{ bytes: Uint8Array; transport: RemotingTransport }[]> {
  const found: { bytes: Uint8Array; transport: RemotingTransport }[] = [];
  await scan(
    `${FOLDER}/${name}.pcap`,
    protocols({}),
    { record: false },
    {
      onPdu({ transport: { connection, bytes, length } }) {
        const { transport } = connection;
        if ((transport === 'nrtp_tcp' || transport === 'nrtp_http') && bytes.length === length)
          found.push({ bytes, transport });
      },
    },
  );
  return found;
}

type Document = Record<string, unknown> & { content?: Record<string, unknown> };

function again(bytes: Uint8Array, transport: RemotingTransport): Document {
  const document = throughJson(messageDocument(bytes, transport)) as Document;
  expect(Buffer.from(encodeDocument(document, KNOWN)).equals(bytes)).toBe(true);
  expect(document.bytes, JSON.stringify(document).slice(0, 300)).toBeUndefined();
  return document;
}

interface Truth {
  readonly missing?: unknown;
  readonly request: { readonly sha256: string } | null;
  readonly response: { readonly sha256: string } | null;
}

/** Contents that the programs logged, of calls that are whole in the capture. */
function truth(name: string): string[] {
  const { calls } = JSON.parse(readFileSync(`${FOLDER}/${name}.json`, 'utf8')) as { calls: Truth[] };
  return calls
    .filter((c) => c.missing === undefined)
    .flatMap((c) => [c.request, c.response].flatMap((half) => half?.sha256 ?? []));
}

function contentDigests(documents: readonly Document[]): Set<string> {
  return new Set(
    documents.flatMap(({ content }) => {
      if (content === undefined) return [];
      const { nrbf, soap, hex } = content as { nrbf?: object; soap?: string; hex?: string };
      const bytes =
        nrbf !== undefined
          ? encodeDocument({ kind: 'nrbf', ...nrbf }, KNOWN)
          : soap !== undefined
            ? Buffer.from(soap)
            : Buffer.from(hex ?? '', 'hex');
      return [sha256(bytes)];
    }),
  );
}

const EMPTY = sha256(new Uint8Array());

if (CAPTURES.length === 0) it.skip('messages of captures: ../shared is not here', () => {});

describe('every message of the remoting captures is encoded again', () => {
  it.each(CAPTURES)('%s', async (name) => {
    const messages = await messagesOf(name);
    const documents = messages.map(({ bytes, transport }) => again(bytes, transport));
    expect(documents.length).toBeGreaterThan(2);
    const digests = contentDigests(documents);
    expect(truth(name).filter((digest) => digest !== EMPTY && !digests.has(digest))).toEqual([]);
  });
});

const hex = (document: object): string => Buffer.from(encodeDocument(document, KNOWN)).toString('hex');
const latin1 = (document: object): string => Buffer.from(encodeDocument(document, KNOWN)).toString('latin1');

describe('a message over TCP', () => {
  it('has short forms of its headers', () => {
    const content = { nrbf: { call: { kind: 'call', type: 'T, A', method: 'M', args: [] } } };
    const short = { kind: 'message', transport: 'nrtp_tcp', operation: 'request', uri: 'a.rem', content };
    const headers = [
      { header: 'RequestUri', value: 'a.rem' },
      { header: 'ContentType', value: 'application/octet-stream' },
    ];
    const { uri: _, ...rest } = short;
    expect(hex(short)).toBe(hex({ ...rest, headers }));
    expect(hex(short)).toMatch(/^2e4e455401000000000020000000040001010500000061/);
  });

  it('says formats, encodings, chunks and closing as MS-NRTP 2.2.3 has them', () => {
    const document = {
      ...{ kind: 'message', transport: 'nrtp_tcp', operation: 'reply', chunks: [1, 2] },
      headers: [
        { header: 'StatusCode', value: 1 },
        { header: 'StatusPhrase', value: 'no', encoding: 'UTF-16' },
        { header: 'CloseConnection' },
        { header: 9, format: 'Byte', value: 7 },
        { header: 10, format: 'Int32', value: -2 },
        { header: 'Custom', name: 'k', value: 'v' },
      ],
      content: { hex: 'aabbcc' },
    };
    const parts = [
      ...['2e4e4554 0100 0200 0100', '0200 03 0100', '0300 01 00 04000000 6e006f00', '0500 00', '0900 02 07'],
      ...['0a00 04 feffffff', '0100 01 01000000 6b 01 01000000 76', '0000', '01000000 aa 0d0a', '02000000 bbcc 0d0a'],
      '00000000 0d0a',
    ];
    expect(hex(document)).toBe(parts.join('').replaceAll(' ', ''));
  });
});

describe('a message over HTTP', () => {
  it('has the headers that .NET writes where it has none', () => {
    const soap = { soap: '<a>ä</a>' };
    const request = {
      transport: 'nrtp_http',
      operation: 'request',
      uri: 'a b.rem',
      host: 'h:1',
      soapAction: '"x#M"',
      content: soap,
    };
    expect(latin1(request)).toMatch(/^POST \/a%20b.rem HTTP\/1.1\r\nUser-Agent: .*MS .NET Remoting.*\r\n/);
    expect(latin1(request)).toContain(
      'Content-Type: text/xml; charset="utf-8"\r\nSOAPAction: "x#M"\r\nHost: h:1\r\nContent-Length: 9\r\n\r\n<a>',
    );
    expect(latin1({ transport: 'nrtp_http', operation: 'reply', status: 202 })).toMatch(/^HTTP\/1.1 202 Accepted\r\n/);
  });

  it('has chunks with lines as they are spelled, and trailers', () => {
    const document = {
      ...{ transport: 'nrtp_http', operation: 'reply', content: { hex: '616263' } },
      ...{
        headers: [{ line: 'a:b\r\n' }],
        chunks: [1, { size: 2, line: '02;x=y\r\n' }],
        trailers: [{ name: 'T', value: 'v' }],
      },
    };
    expect(latin1(document)).toBe('HTTP/1.1 200 OK\r\na:b\r\n\r\n1\r\na\r\n02;x=y\r\nbc\r\n0\r\nT: v\r\n\r\n');
  });
});

describe('what a message cannot be is refused with its path', () => {
  const tcp = { kind: 'message', transport: 'nrtp_tcp', operation: 'request' };
  const http = { kind: 'message', transport: 'nrtp_http', operation: 'request', target: '/' };
  it.each<[object, string]>([
    [{ ...tcp, transport: 'nrtp_udp' }, 'transport: there is no transport nrtp_udp'],
    [{ ...tcp, uri: 'a', headers: [] }, 'uri: headers says it already'],
    [{ ...tcp, chunks: [1], content: { hex: 'aabb' } }, 'chunks: 1 bytes in all, where the content has 2'],
    [{ ...tcp, chunks: [0] }, 'chunks[0]: a whole number from 1'],
    [
      { ...tcp, headers: [{ header: 'RequestURI', value: 'a' }] },
      'headers[0].header: there is no header RequestURI; is it RequestUri?',
    ],
    [{ ...tcp, headers: [{ header: 7, value: 1 }] }, 'headers[0].format: it is missing'],
    [{ ...tcp, headers: [{ header: 0 }] }, 'headers[0].header: a whole number from 1 to 65535'],
    [
      { ...tcp, headers: [{ header: 7, format: 'Byte', value: 256 }] },
      'headers[0].value: a whole number from 0 to 255',
    ],
    [
      { ...tcp, headers: [{ header: 7, format: 'Void', value: 1 }] },
      'headers[0].value: a header without a value has none',
    ],
    [
      { ...tcp, headers: [{ header: 'ContentType', name: 'x', value: 'y' }] },
      'headers[0].name: only a custom header has one',
    ],
    [{ ...tcp, headers: [{ header: 'Custom', value: 'y' }] }, 'headers[0].name: text is wanted, not nothing'],
    [{ ...tcp, uri: '\ud800' }, 'headers[0].value: half of a surrogate pair'],
    [{ ...tcp, content: { hex: '', soap: '' } }, 'content: one of nrbf, soap and hex is wanted'],
    [
      {
        ...tcp,
        content: {
          nrbf: { call: { kind: 'call', type: 'T', method: 'M', args: [{ type: 'System.Byte', value: 256 }] } },
        },
      },
      'content.nrbf.call.args[0].value',
    ],
    [{ ...tcp, bytes: '00' }, 'operation: there is no member operation'],
    [{ ...http, operation: 'one-way' }, 'operation: over HTTP nothing in a request says that it is one-way'],
    [{ ...http, target: undefined }, 'target: it is missing'],
    [{ ...http, headers: [{ name: 'a', value: 'b\r\nc: d' }] }, 'headers[0].value: text of one line'],
    [{ ...http, headers: [{ name: 'a' }] }, 'headers[0].value: it is missing'],
    [{ ...http, headers: [{ name: 'a', line: 'a:b\r\n' }] }, 'headers[0].name: line says it already'],
    [{ ...http, startLine: 'GET / HTTP/1.1\r\n' }, 'target: startLine says it already'],
    [{ ...http, chunks: [0, 1], content: { hex: 'aa' } }, 'chunks[0]: a chunk of size 0 ends them'],
    [
      { ...http, chunks: [{ size: 1, line: '2\r\n' }], content: { hex: 'aa' } },
      'chunks[0].line: it says another size than 1',
    ],
    [{ ...http, trailers: [{ name: 'a', value: 'b' }] }, 'trailers: they stand behind chunks'],
    [{ ...http, host: 'ö\u0100' }, 'host: text of one line'],
  ])('%j', (document, message) => {
    expect(() => encodeDocument(throughJson(document), KNOWN)).toThrow(message);
  });
});

it('a message that no document says keeps its bytes', () => {
  const odd = Buffer.from('2e4e4554010000000000010000000600010202000000ff610000aa', 'hex');
  expect(messageDocument(odd, 'nrtp_tcp')).toMatchObject({ bytes: odd.toString('hex') });
  expect(encodeDocument(messageDocument(odd, 'nrtp_tcp'), KNOWN)).toEqual(new Uint8Array(odd));
});
