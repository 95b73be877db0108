/** Made captures of .NET remoting over TCP, HTTP and NegotiateStream (MS-NRTP 2.2.3, 2.2.4; MS-NNS 2.2): what programs seldom send. */
import { gzipSync } from 'node:zlib';
import { KNOWN_HEADERS } from '../../dissectors/http/fields.js';
import { MessageId } from '../../dissectors/nns/frame.js';
import { nnsData, nnsHandshake } from '../../src/encode/scenarios/nns.js';
import { concat } from '../bytes.js';
import { type ForeignSession, foreignSecrets, foreignSession } from '../nns/sessions.js';
import { counted, custom, header, nrtp, typeHeader } from '../remoting/messages.js';
import { callOf, envelope } from '../soap/support.js';
import { ascii, connection, hex, type MadeCapture, made } from './wire.js';

type Said = readonly [from: 0 | 1, bytes: Uint8Array];

/** A segment's payload at most. */
const SEGMENT = 16_000;
/** In segments that frames have room for. */
const inSegments = (said: readonly Said[]): Said[] =>
  said.flatMap(([from, bytes]) =>
    Array.from(
      { length: Math.ceil(bytes.length / SEGMENT) },
      (_, i): Said => [from, bytes.subarray(i * SEGMENT, (i + 1) * SEGMENT)],
    ),
  );

/** A message of HTTP with its length. */
const http = (start: string, headers: string, body: string | Uint8Array = ''): Uint8Array =>
  concat(ascii(`${start}\r\n${headers}Content-Length: ${body.length}\r\n\r\n`), Buffer.from(body));
const REMOTING =
  'User-Agent: Mozilla/4.0+(compatible; MSIE 6.0; Windows 6.1.7601.65536; MS .NET Remoting; MS .NET CLR 4.0)\r\n';
const POST = 'POST /Server.rem HTTP/1.1';
const XML = `${REMOTING}Content-Type: text/xml\r\n`;

/** Headers that have a field, but for those that tell how the body is read. */
const ALL_HEADERS = [...KNOWN_HEADERS.keys()]
  .filter((name) => !['user-agent', 'content-encoding', 'transfer-encoding'].includes(name))
  .map((name) => `${name}: of ${name}\r\n`)
  .join('');

const FAULT = envelope(
  '<SOAP-ENV:Fault id="ref-1"><faultcode>SOAP-ENV:Server</faultcode><faultstring>it is full</faultstring>' +
    '<detail><more>behind it</more></detail></SOAP-ENV:Fault>',
);

/** The frames of what another implementation's two ends said. */
function session({ steps, messages }: ForeignSession): Said[] {
  const from = (said: { from: string }) => (said.from === 'client' ? 0 : 1);
  return [
    ...steps.map(
      (s, i): Said => [
        from(s),
        nnsHandshake(i < Math.max(1, steps.length - 2) ? MessageId.inProgress : MessageId.done, s.bytes.token),
      ],
    ),
    ...messages.map((m): Said => [from(m), nnsData(m.bytes.wrapped)]),
  ];
}

const secrets = await foreignSecrets();
const SIGNED = foreignSession('kerberos-aes256-signed');

export const REMOTE: readonly MadeCapture[] = [
  made('nrtp', () =>
    connection(50_200, [
      [
        0,
        nrtp({
          uri: 'tcp://server/a',
          headers: [custom('name', 'value'), header(9, 1, counted('text', 0)), header(10, 4, hex('01020304'))],
          content: hex('0102030405060708'),
          chunks: [3, 5],
        }),
      ],
      [
        1,
        nrtp({
          operation: 2,
          headers: [header(2, 3, hex('0100')), header(3, 1, counted('no such object')), typeHeader()],
        }),
      ],
    ]),
  ),
  made('http', () =>
    connection(50_201, [
      [
        0,
        ascii(
          `${POST}\r\n${REMOTING}${ALL_HEADERS}Transfer-Encoding: chunked\r\n\r\n` +
            '4\r\n0123\r\n0\r\nX-Trailer: behind it\r\n\r\n',
        ),
      ],
      [1, http('HTTP/1.1 200 OK', 'Content-Type: text/xml\r\nContent-Encoding: gzip\r\n', gzipSync(FAULT))],
    ]),
  ),
  made('soap', () =>
    connection(
      50_202,
      inSegments([
        [0, http(POST, XML, callOf('<x>text<y>1</y></x>'))],
        [1, http('HTTP/1.1 500 Error', XML, FAULT)],
        [0, http(POST, XML, callOf('<x/>'.repeat(20_000)))],
      ]),
    ),
  ),
  { ...made('nns-sealed', () => connection(50_203, session(foreignSession('ntlm-sealed')))), secrets },
  made('nns-sealed-without-secrets', () => connection(50_204, session(foreignSession('ntlm-sealed')))),
  {
    ...made('nns-signed', () =>
      connection(50_205, [...session(SIGNED), [0, nnsHandshake(MessageId.error, hex('ffffffff8009030c'))]]),
    ),
    secrets,
  },
  made('nns-unframed', () =>
    connection(50_206, [...session({ ...SIGNED, messages: [] }), [0, nrtp({ uri: 'tcp://server/a' })]]),
  ),
];
